import { startTestPostgres, type TestPostgres, waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDataSource, Database, surviveBrokenConnections } from "../database/index.ts";
import { createLogger } from "../observability/index.ts";
import { type JobPlan, type JobRunner, startJobRunner } from "./index.ts";

let postgres: TestPostgres;
let url: string;
let database: Database;
const logged: string[] = [];
const logger = createLogger("info", { write: (line) => void logged.push(line) });

beforeAll(async () => {
  postgres = await startTestPostgres();
  ({ url } = await postgres.createDatabase());
  const settings = { url, poolSize: 10, statementTimeoutMs: 20_000, connectTimeoutMs: 10_000 };
  const dataSource = await createDataSource(settings, [], () => undefined).initialize();
  database = new Database(dataSource);
  surviveBrokenConnections(database.pool, () => undefined);
});
afterAll(async () => {
  await database?.dataSource.destroy();
  await postgres?.stop();
});

async function withRunner(tasks: JobPlan["tasks"], fn: (runner: JobRunner) => Promise<void>): Promise<void> {
  const runner = await startJobRunner(
    database.pool,
    { tasks, crontab: "" },
    { databaseUrl: url, concurrency: 2, logger },
  );
  try {
    await fn(runner);
  } finally {
    await runner.stop();
  }
}

const add = (task: string, payload: object = {}) =>
  database.query("SELECT graphile_worker.add_job($1, $2::json)", [task, JSON.stringify(payload)]);
const waitingJobs = async () => (await database.query("SELECT 1 FROM graphile_worker.jobs")).length;

/** A promise, and the way to keep it. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe("the worker", () => {
  test("runs each job once, and forgets it when it is done", async () => {
    const ran: unknown[] = [];
    await withRunner({ note: async (payload) => void ran.push(payload) }, async () => {
      for (let index = 0; index < 20; index += 1) await add("note", { index });
      await waitUntil(async () => ran.length === 20 && (await waitingJobs()) === 0);
    });
    expect(ran.map((payload) => (payload as { index: number }).index).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
  });

  test("a job of a transaction that is rolled back never runs", async () => {
    const ran: unknown[] = [];
    await withRunner({ note: async (payload) => void ran.push(payload) }, async () => {
      const failing = database.transaction(async (transaction) => {
        await transaction.query("SELECT graphile_worker.add_job('note', '{\"rolledBack\": true}')");
        throw new Error("rolled back");
      });
      await expect(failing).rejects.toThrow("rolled back");
      await add("note", { rolledBack: false });
      await waitUntil(() => ran.length > 0);
    });
    expect(ran).toEqual([{ rolledBack: false }]);
  });

  test("a stop waits for the job under way, and takes up no other", async () => {
    const started = deferred();
    const finish = deferred();
    let finished = 0;
    const tasks = {
      slow: async () => {
        started.resolve();
        await finish.promise;
        finished += 1;
      },
      never: async () => void (finished += 100),
    };
    await withRunner(tasks, async (runner) => {
      await add("slow");
      await started.promise;
      const stopping = runner.stop();
      await add("never");
      finish.resolve();
      await stopping;
    });
    expect(finished).toBe(1);
    expect(await waitingJobs()).toBe(1);
    await database.query("DELETE FROM graphile_worker._private_jobs");
  });

  test("a job that fails is tried again, and what it was given is not in the log", async () => {
    let tries = 0;
    const tasks = {
      flaky: async () => {
        tries += 1;
        if (tries === 1) throw new Error("not this time");
      },
    };
    await withRunner(tasks, async () => {
      await add("flaky", { card: "4242-secret" });
      await waitUntil(() => tries === 2, 30_000, "the second try");
      await waitUntil(async () => (await waitingJobs()) === 0);
    });
    expect(logged.join("")).toContain("not this time");
    expect(logged.join("")).not.toContain("4242-secret");
  });

  test("PostgreSQL may be killed while jobs run: the process lives, and every job is done in the end", async () => {
    const done = new Set<number>();
    const tasks = { count: async (payload: unknown) => void done.add((payload as { index: number }).index) };
    await withRunner(tasks, async () => {
      for (let index = 0; index < 300; index += 1) await add("count", { index });
      await waitUntil(() => done.size > 20);
      await postgres.killPostgres();
      await postgres.restartPostgres();
      await waitUntil(() => done.size === 300, 60_000, "every job");
      await add("count", { index: 300 });
      await waitUntil(() => done.has(300), 30_000, "a job that came later");
    });
  });

  test("three processes that start at once on an empty database all work", async () => {
    const fresh = await postgres.createDatabase({ empty: true });
    const settings = { url: fresh.url, poolSize: 10, statementTimeoutMs: 20_000, connectTimeoutMs: 10_000 };
    const sources = await Promise.all(
      [1, 2, 3].map(() => createDataSource(settings, [], () => undefined).initialize()),
    );
    const pools = sources.map((source) => new Database(source).pool);
    for (const pool of pools) surviveBrokenConnections(pool, () => undefined);
    const runners = await Promise.all(
      pools.map((pool) =>
        startJobRunner(pool, { tasks: {}, crontab: "" }, { databaseUrl: fresh.url, concurrency: 1, logger }),
      ),
    );
    expect(runners).toHaveLength(3);
    await Promise.all(runners.map((runner) => runner.stop()));
    await Promise.all(sources.map((source) => source.destroy()));
  });
});
