import { createTestDatabase, type TestDatabase } from "@meterline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSchedule } from "./make-schedule.ts";
import { runSchedule } from "./run-schedule.ts";
import { SimulationDatabase } from "./simulation-database.ts";
import { openGates } from "./gates.ts";

let owned: TestDatabase;
let database: SimulationDatabase;
let closeGate: () => void;
beforeAll(async () => {
  closeGate = openGates();
  owned = await createTestDatabase();
  database = await SimulationDatabase.open(owned);
});
afterAll(async () => {
  await database?.close();
  await owned?.drop();
  closeGate?.();
});

const seeds = Array.from({ length: 200 }, (_, index) => index + 1);

describe("every schedule keeps every rule", () => {
  test.each(seeds)("seed %i", async (seed) => {
    const { failure, trace } = await runSchedule(makeSchedule(seed), database);
    expect(failure === null ? "" : trace.join("\n")).toBe("");
  });
});

test("a seed is the same run each time, line by line", async () => {
  for (const seed of [2, 7, 21]) {
    const first = await runSchedule(makeSchedule(seed), database);
    const second = await runSchedule(makeSchedule(seed), database);
    expect(second.trace).toEqual(first.trace);
    expect(second.counts).toEqual(first.counts);
  }
});
