import { spawn } from "node:child_process";
import { once } from "node:events";
import { createTestDatabase, type TestDatabase, waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { FrozenClock } from "../clock.ts";
import { createDataSource, Database, SessionLocks } from "../database/index.ts";
import { createLogger } from "../observability/index.ts";
import { type WorkEnd, type WorkPlan, WorkRows } from "./index.ts";

const start = Date.parse("2026-03-16T10:00:00Z");
const clock = new FrozenClock(start);
const logger = createLogger("silent");
const lockClass = 7_999;
let owned: TestDatabase;
let database: Database;

beforeAll(async () => {
  owned = await createTestDatabase();
  const settings = { url: owned.url, poolSize: 10, statementTimeoutMs: 20_000, connectTimeoutMs: 10_000 };
  database = new Database(await createDataSource(settings, [], () => undefined).initialize());
  await database.query(`CREATE TABLE chore (id text PRIMARY KEY, about text NOT NULL, state text NOT NULL, note text,
    attempts integer NOT NULL DEFAULT 0, due_at timestamptz, last_error text, worked_at timestamptz)`);
});
afterAll(async () => {
  await database?.close();
  await owned?.drop();
});
beforeEach(() => database.query("DELETE FROM chore"));

/** What one process would have: locks of its own. */
function processWith(work: WorkPlan["work"], plan: Partial<WorkPlan> = {}): WorkRows {
  const locks = new SessionLocks(owned.url, logger);
  const rows = new WorkRows(
    { database, locks, clock, logger },
    {
      name: "chore",
      keyColumn: "id",
      lockName: "about",
      lockClass,
      concurrency: 4,
      retryDelaysMs: [1_000, 5_000],
      work,
      ...plan,
    },
  );
  onTestFinished(async () => {
    await rows.stop();
    await locks.close();
  });
  return rows;
}

const add = (id: string, about = id) =>
  database.query("INSERT INTO chore (id, about, state, due_at) VALUES ($1, $2, 'WAITING', $3)", [
    id,
    about,
    new Date(clock.now()),
  ]);

async function chore(id: string): Promise<Record<string, unknown>> {
  const [row] = await database.query("SELECT state, note, attempts, due_at, last_error FROM chore WHERE id = $1", [id]);
  return row ?? {};
}

const done: WorkEnd = { state: "DONE", note: null };

describe("rows that are work", () => {
  test("each is worked once, whoever looks: two processes that drain at once share them", async () => {
    const worked: string[] = [];
    const work = async (id: string): Promise<WorkEnd> => {
      worked.push(id);
      return done;
    };
    for (let index = 0; index < 40; index += 1) await add(`c-${index}`);
    const [one, two] = [processWith(work), processWith(work)];
    await Promise.all([one.drain(), two.drain()]);
    expect(worked.toSorted()).toEqual(Array.from({ length: 40 }, (_, index) => `c-${index}`).toSorted());
    expect(await one.drain()).toBe(0);
  });

  test("a failure keeps its message, waits longer each time, and is given up after the last attempt", async () => {
    await add("bad");
    const rows = processWith(async () => {
      throw new Error("not yet");
    });
    await rows.drain();
    expect(await chore("bad")).toMatchObject({ state: "WAITING", attempts: 1, last_error: "not yet" });
    expect(await rows.drain()).toBe(0);
    clock.advance(1_000);
    await rows.drain();
    expect(await chore("bad")).toMatchObject({ attempts: 2, due_at: new Date(clock.now() + 5_000) });
    clock.advance(5_000);
    await rows.drain();
    expect(await chore("bad")).toMatchObject({ state: "FAILED", attempts: 3, due_at: null });
  });

  test("two rows about one thing are never worked at the same time", async () => {
    let atOnce = 0;
    let most = 0;
    const rows = processWith(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return done;
    });
    for (let index = 0; index < 6; index += 1) await add(`same-${index}`, "one thing");
    rows.start();
    await waitUntil(async () => (await database.query("SELECT FROM chore WHERE due_at IS NOT NULL")).length === 0);
    expect(most).toBe(1);
  });

  test("a row that is wanted again while it is worked is worked again", async () => {
    const attempts: number[] = [];
    await add("again");
    const rows = processWith(async (id, attempt) => {
      attempts.push(attempt);
      if (attempts.length === 1)
        await database.query("UPDATE chore SET due_at = $2, attempts = 0 WHERE id = $1", [id, new Date(clock.now())]);
      return done;
    });
    await rows.drain();
    expect(attempts).toEqual([1, 1]);
    expect(await chore("again")).toMatchObject({ state: "DONE", due_at: null });
  });

  test("work that goes on later is due then, as a first attempt", async () => {
    await add("later");
    const rows = processWith(async () => ({ ...done, state: "WAITING", againAt: clock.now() + 60_000 }));
    expect(await rows.drain()).toBe(1);
    expect(await chore("later")).toMatchObject({ attempts: 0, due_at: new Date(clock.now() + 60_000) });
    clock.advance(60_000);
    expect(await rows.drain()).toBe(1);
  });

  test("what a killed process held is taken up at the next look, without any time having passed", async () => {
    await add("held");
    const holder = `
      const { Client } = require("pg");
      const client = new Client({ connectionString: ${JSON.stringify(owned.url)} });
      client.connect().then(() => client.query("SELECT pg_try_advisory_lock(${lockClass}, hashtext('held'))"))
        .then(() => console.log("holds it"));`;
    const child = spawn(process.execPath, ["-e", holder], { cwd: import.meta.dirname });
    await once(child.stdout, "data");
    const rows = processWith(async () => done);
    expect(await rows.drain()).toBe(0);
    child.kill("SIGKILL");
    await once(child, "exit");
    await waitUntil(async () => (await rows.drain()) === 1);
    expect(await chore("held")).toMatchObject({ state: "DONE", attempts: 1 });
  });

  test("a connection that breaks under the locks is opened again", async () => {
    const rows = processWith(async () => done);
    await add("before");
    await rows.drain();
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'meterline-locks'",
    );
    await add("after");
    await waitUntil(async () => {
      await rows.drain();
      return (await chore("after"))["state"] === "DONE";
    });
  });

  test("a stop waits for what is under way, and takes up nothing more", async () => {
    const started: string[] = [];
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const rows = processWith(
      async (id) => {
        started.push(id);
        await gate;
        return done;
      },
      { concurrency: 1 },
    );
    await add("first");
    await add("second");
    rows.start();
    await waitUntil(() => started.length === 1);
    const stopping = rows.stop();
    finish();
    await stopping;
    expect(started).toEqual(["first"]);
    expect(await chore("first")).toMatchObject({ state: "DONE" });
  });
});
