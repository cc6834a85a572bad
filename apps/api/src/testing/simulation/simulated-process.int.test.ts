import { createTestDatabase, type TestDatabase } from "@meterline/testkit";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Container, createContainer } from "../../container.ts";
import { readConfig } from "../../config.ts";
import { createLogger } from "../../platform/observability/index.ts";
import { Dice } from "./dice.ts";
import type { CrashPoint } from "./process-scope.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { openGates } from "./gates.ts";

let owned: TestDatabase;
let admin: pg.Client;
let process: SimulatedProcess;
let closeGate: () => void;
beforeAll(async () => {
  closeGate = openGates();
  owned = await createTestDatabase();
  admin = new pg.Client({ connectionString: owned.adminUrl });
  await admin.connect();
  await admin.query("CREATE TABLE note (text text PRIMARY KEY); GRANT ALL ON note TO PUBLIC");
  process = new SimulatedProcess(admin, new Dice(1), () => {
    const config = readConfig({ DATABASE_URL: owned.url });
    return createContainer(config, "a secret of the simulation, 32 characters", { logger: createLogger("silent") });
  });
});
afterAll(async () => {
  await process?.stop();
  await admin?.end();
  await owned?.drop();
  closeGate?.();
});
beforeEach(() => admin.query("DELETE FROM note"));

const notes = async () => (await admin.query("SELECT text FROM note ORDER BY 1")).rows.map((row) => row.text);

/** Two inserts and a commit: three writes. */
const writeTwo = ({ database }: Container) =>
  database.transaction(async (transaction) => {
    await transaction.query("INSERT INTO note VALUES ('a')");
    await transaction.query("INSERT INTO note VALUES ('b')");
  });

describe("a process that dies", () => {
  test.each<[CrashPoint["moment"], number, string[]]>([
    ["BEFORE", 0, []],
    ["AFTER", 1, []],
    ["BEFORE", 2, []],
    ["AFTER", 2, ["a", "b"]],
  ])("%s write %i of a transaction leaves %j", async (moment, writesLeft, left) => {
    process.arm({ moment, writesLeft });
    expect((await process.step(writeTwo)).died).not.toBeNull();
    expect(await notes()).toEqual(left);
  });

  test("does nothing more, not even in a catch or finally, and holds no lock", async () => {
    let wokeUp = false;
    process.arm({ moment: "BEFORE", writesLeft: 1 });
    await process.step(async (container) => {
      try {
        await writeTwo(container);
      } finally {
        wokeUp = true;
        await container.database.query("INSERT INTO note VALUES ('from the grave')");
      }
    });
    await process.step(writeTwo);
    expect([wokeUp, await notes()]).toEqual([false, ["a", "b"]]);
  });

  test("a point that no write reaches strikes in a later step", async () => {
    process.arm({ moment: "BEFORE", writesLeft: 4 });
    expect((await process.step(writeTwo)).died).toBeNull();
    await admin.query("DELETE FROM note");
    expect((await process.step(writeTwo)).died?.message).toBe("the process died before INSERT INTO note VALUES ('b')");
  });

  test("statements outside of a transaction are writes, too", async () => {
    process.arm({ moment: "AFTER", writesLeft: 0 });
    await process.step(({ database }) => database.query("INSERT INTO note VALUES ('alone')"));
    expect(await notes()).toEqual(["alone"]);
  });
});
