import { openTimeGate } from "./real-time.ts";
import { openChanceGate } from "./seeded-chance.ts";
import { openSqlGate } from "./sql-gate.ts";

/** Puts the simulation between the product and its database, chance and real time, for this whole process. Answers the way back. */
export function openGates(): () => void {
  const closeSql = openSqlGate();
  const closeChance = openChanceGate();
  const closeTime = openTimeGate();
  return () => {
    closeTime();
    closeChance();
    closeSql();
  };
}
