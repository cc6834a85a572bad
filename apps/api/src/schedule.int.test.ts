import { afterAll, beforeAll, expect, test } from "vitest";
import { jobPlan } from "./schedule.ts";
import { startTestSystem, type TestSystem, testNow } from "./testing/test-system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

test("every line of the crontab names a task, and every task is on a line", () => {
  const { crontab, tasks } = jobPlan(system.container);
  const named = crontab.split("\n").map((line) => line.split(" ").at(-1) ?? "");
  expect(named.toSorted()).toEqual(Object.keys(tasks).toSorted());
});

test("counters of sign-in attempts are kept for one day, in both apps", async () => {
  const { database } = system.container;
  const dayMs = 86_400_000;
  for (const schema of ["auth_portal", "auth_admin"]) {
    for (const [id, lastRequest] of [
      ["older", testNow - dayMs - 1],
      ["a day old", testNow - dayMs],
      ["new", testNow],
    ] as const)
      await database.query(`INSERT INTO ${schema}."rateLimit" (id, key, count, "lastRequest") VALUES ($1, $1, 1, $2)`, [
        id,
        lastRequest,
      ]);
  }
  const { tasks } = jobPlan(system.container);
  await tasks["forget_sign_in_attempts"]?.({}, {} as never);
  for (const schema of ["auth_portal", "auth_admin"]) {
    const left = await database.query<{ id: string }>(`SELECT id FROM ${schema}."rateLimit" ORDER BY "lastRequest"`);
    expect(left.map((row) => row.id)).toEqual(["a day old", "new"]);
  }
});
