import { openChanceGate } from "./seeded-chance.ts";
import { openSqlGate } from "./sql-gate.ts";

/** Puts the simulation between the product and its database and chance, for this whole process. Answers the way back. */
export function openGates(): () => void {
  const closeSql = openSqlGate();
  const closeChance = openChanceGate();
  return () => {
    closeChance();
    closeSql();
  };
}
