import { startTestPostgres, type TestPostgres, waitUntil } from "@meterline/testkit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Container } from "../../container.ts";
import {
  committedDecisions,
  createDecisionLog,
  type LoggedDecision,
  logDecisions,
} from "../../testing/limit-proof/decision-log.ts";
import { replay } from "../../testing/limit-proof/replay.ts";
import { random, type ScheduledLimit, setLimit, Writer } from "../../testing/limit-proof/schedule.ts";
import { derivedUsage, recountedUsage } from "../../testing/derived-usage.ts";
import { newCustomer, startTestSystem, type TestSystem } from "../../testing/test-system.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Tokyo is nine hours ahead all year. */
const tokyoDay = (at: number) => `day ${Math.floor((at + 9 * hourMs) / dayMs)}`;
const hour = (at: number) => `hour ${Math.floor(at / hourMs)}`;
/** Weeks of the plan are counted from 1 March 2026, 00:00 UTC. */
const week = (at: number) => `week ${Math.floor((at - Date.parse("2026-03-01T00:00:00Z")) / (7 * dayMs))}`;
const always = () => "always";

const units = (
  id: string,
  definition: Partial<ScheduledLimit["definition"]>,
  windowOf: (at: number) => string,
  bounds: readonly bigint[],
): ScheduledLimit => {
  const { meterKey = "units", property = null } = definition;
  return {
    definition: { policy: "HARD", meterKey, quantity: "0", ...definition },
    model: { id, meter: meterKey, windowOf, property, centsOf: null },
    bounds,
  };
};

/** Several limits at once, of every window, of one property value and of money; each is changed while it is worked at. */
const limits: readonly ScheduledLimit[] = [
  units("week", {}, week, [150n, 90n, 200n]),
  units("day", { period: "DAY" }, tokyoDay, [60n, 40n, 80n]),
  units("hour", { period: "HOUR" }, hour, [25n, 15n, 30n]),
  units("lifetime", { period: "LIFETIME" }, always, [250n, 180n, 300n]),
  units("big", { meterKey: "calls", property: { name: "model", value: "big" } }, week, [60n, 30n, 80n]),
  {
    definition: { policy: "HARD", amount: "0" },
    // 5.00 a week, and 0.10 a call.
    model: {
      id: "bill",
      meter: null,
      windowOf: week,
      property: null,
      centsOf: (calls) => 500n + 10n * (calls < 0n ? 0n : calls),
    },
    bounds: [1_500n, 900n, 2_000n],
  },
];

type Proof = { system: TestSystem; databaseUrl: string; log: LoggedDecision[]; containers: Container[] };

async function prove(
  proof: Proof,
  seed: number,
  writers: number,
  steps: number,
  trouble: (pids: () => Promise<void>) => Promise<void>,
) {
  const { system, databaseUrl, log, containers } = proof;
  const customerId = await newCustomer(system, { planKey: "weekly", timeZone: "Asia/Tokyo" });
  const bystanderId = await newCustomer(system, { planKey: "weekly" });
  for (const limit of limits) {
    await setLimit({ customerId }, limit, limit.bounds[0] ?? 0n, (send) => send(system.container));
  }
  const world = { customerId, bystanderId, containers, clock: system.clock, databaseUrl, limits, seed };
  const all = Array.from({ length: writers }, (_, index) => new Writer(world, index));
  let working = true;
  const work = Promise.all(all.map((writer) => writer.steps(steps))).finally(() => {
    working = false;
  });
  const pick = random(seed);
  // Kills the server's end of connections at random, whatever they are in the middle of.
  const cut = async () => {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on("error", () => undefined);
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND (pid + $1) % 3 = 0`,
      [pick(3)],
    );
    await client.end();
  };
  while (working) {
    await Promise.race([work, new Promise((resolve) => setTimeout(resolve, 150))]);
    if (working) await trouble(cut);
  }
  await work;
  await all[0]?.takeOneBack();

  const { database } = system.container;
  const result = replay(customerId, log, await committedDecisions(database));
  return {
    ...result,
    customerId,
    bystanderId,
    unavailable: all.reduce((sum, writer) => sum + writer.unavailable, 0),
    derived: await derivedUsage(database, customerId),
    recounted: await recountedUsage(database, customerId),
    counters: await countersAgainstEvents(system.container, customerId),
    recorded: await database.query<{ recorded: string }>(
      "SELECT count(*) AS recorded FROM usage_event WHERE customer_id = $1 AND kind = 'USAGE'",
      [customerId],
    ),
  };
}

/** Counters that say something else than their events do; all of them are read. */
async function countersAgainstEvents(container: Container, customerId: string) {
  const rows = await container.database.query<{ period: string; used: string; counted: string }>(
    `SELECT c.period, trim_scale(c.used)::text AS used, trim_scale((
       SELECT coalesce(sum(e.quantity), 0) FROM usage_event e
       WHERE e.customer_id = c.customer_id AND e.meter_id = c.meter_id AND e.kind = 'USAGE' AND e.counted
         AND e.occurred_at >= c.window_start AND e.occurred_at < c.window_end
         AND (c.property = '' OR e.properties ->> c.property = c.property_value)
         AND NOT EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id)
     ))::text AS counted
     FROM limit_counter c WHERE c.customer_id = $1`,
    [customerId],
  );
  return { all: rows.length, wrong: rows.filter((row) => row.used !== row.counted) };
}

type Proven = Awaited<ReturnType<typeof prove>>;

function expectProven(proven: Proven): void {
  expect(proven.faults).toEqual([]);
  expect(proven.model.recorded.size).toBe(Number(proven.recorded[0]?.recorded));
  expect(proven.derived).toEqual(proven.recounted);
  expect(proven.counters.wrong).toEqual([]);
  expect(proven.counters.all).toBeGreaterThan(0);
  // The schedule did what it is about: every kind of step was both taken and refused.
  for (const word of [
    "record fits",
    "record refused",
    "hold fits",
    "hold refused",
    "commit held fits",
    "void fits",
    "limit changed",
  ]) {
    expect([word, (proven.counts[word] ?? 0) > 0]).toEqual([word, true]);
  }
}

describe("never over, and never refused while units were left: decided by replaying the log", () => {
  let system: TestSystem;
  let proof: Proof;
  beforeAll(async () => {
    system = await startTestSystem();
    const containers = [system.container, await system.another()];
    const log: LoggedDecision[] = [];
    await createDecisionLog(system.container.database);
    for (const container of containers) logDecisions(container.database, log);
    proof = { system, databaseUrl: system.databaseUrl, log, containers };
  });
  afterAll(() => system.close());

  test.each([1, 2])(
    "schedule %i: 16 writers over two processes, whose connections are cut",
    async (seed) => {
      const proven = await prove(proof, seed, 16, 45, (cut) => cut());
      expectProven(proven);
      expect(proven.unavailable).toBeGreaterThan(0);
    },
    180_000,
  );

  test("without trouble: 40 writers over two processes", async () => {
    const proven = await prove(proof, 4, 32, 35, async () => undefined);
    expectProven(proven);
  }, 180_000);
});

describe("the same while PostgreSQL is killed", () => {
  let postgres: TestPostgres;
  let system: TestSystem;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    system = await startTestSystem((await postgres.createDatabase()).url);
  });
  afterAll(async () => {
    await system.close();
    await postgres.stop();
  });

  test("twice, in the middle of everything", async () => {
    const containers = [system.container, await system.another()];
    const log: LoggedDecision[] = [];
    await createDecisionLog(system.container.database);
    for (const container of containers) logDecisions(container.database, log);
    let kills = 0;
    const kill = async () => {
      const goal = log.length + 150;
      await waitUntil(() => log.length >= goal, 60_000).catch(() => undefined);
      if (kills === 2) return;
      kills += 1;
      await postgres.killPostgres();
      await postgres.restartPostgres();
    };
    const proven = await prove({ system, databaseUrl: system.databaseUrl, log, containers }, 5, 16, 45, kill);
    expect(kills).toBe(2);
    expectProven(proven);
  }, 240_000);
});
