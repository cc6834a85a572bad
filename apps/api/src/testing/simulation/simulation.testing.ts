import { createTestDatabase, type TestDatabase } from "@meterline/testkit";
import { afterAll, beforeAll } from "vitest";
import { openGates } from "./gates.ts";
import { makeSchedule } from "./make-schedule.ts";
import { type RunResult, runSchedule } from "./run-schedule.ts";
import { SimulationDatabase } from "./simulation-database.ts";

/** For a suite: answers how to run a seed, on one database for all of them. */
export function simulation(): (seed: number) => Promise<RunResult> {
  let owned: TestDatabase | undefined;
  let database: SimulationDatabase | undefined;
  let closeGates: (() => void) | undefined;
  beforeAll(async () => {
    closeGates = openGates();
    owned = await createTestDatabase();
    database = await SimulationDatabase.open(owned);
  });
  afterAll(async () => {
    await database?.close();
    await owned?.drop();
    closeGates?.();
  });
  return (seed) => {
    if (database === undefined) throw new Error("a seed is run inside of a test");
    return runSchedule(makeSchedule(seed), database);
  };
}

/** What a run says when it broke a rule: everything that happened in it; empty when it broke none. */
export function faultOf({ failure, trace }: RunResult): string {
  return failure === null ? "" : trace.join("\n");
}

/** So many seeds from a first one. Suites share them out, so that they run side by side. */
export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
