import { startTestPostgres, type TestPostgres, waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedUsage, recountedUsage } from "../../testing/derived-usage.ts";
import { newCustomer, record, startTestSystem, type TestSystem, usageItem } from "../../testing/test-system.ts";
import { CallerError } from "../../platform/graphql/index.ts";
import type { IngestItem } from "./ingest-item.ts";

let postgres: TestPostgres;
let system: TestSystem;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  system = await startTestSystem(database.url);
});
afterAll(async () => {
  await system.close();
  await postgres.stop();
});

const crashes = 3;

describe("durable before answered", () => {
  it(`every RECORDED event is there after PostgreSQL was killed ${crashes} times between answers`, async () => {
    const customers = await Promise.all([1, 2, 3].map(() => newCustomer(system, { planKey: "standard" })));
    const answered = new Set<string>();
    let unavailable = 0;
    let sent = 0;
    let writing = true;
    const writer = async (index: number) => {
      while (writing) {
        const items = Array.from({ length: 5 }, () =>
          usageItem({
            customerId: customers[index % 3] ?? "",
            idempotencyKey: `crash ${index} ${sent++}`,
            properties: { model: "m", region: "eu" },
          }),
        );
        await sendUntilAnswered(items);
      }
    };
    const sendUntilAnswered = async (items: IngestItem[]) => {
      for (;;) {
        try {
          const outcomes = await record(system.container, ...items);
          for (const outcome of outcomes)
            if (outcome.outcome !== "REJECTED") answered.add(outcome.event.idempotencyKey);
          return;
        } catch (error) {
          // The outage is answered as such, and the same items are sent again under the same keys.
          if (!(error instanceof CallerError) || error.code !== "UNAVAILABLE") throw error;
          unavailable += 1;
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    };
    const writers = Array.from({ length: 8 }, (_, index) => writer(index));
    for (let crash = 1; crash <= crashes; crash += 1) {
      const goal = answered.size + 200;
      await waitUntil(() => answered.size >= goal, 60_000);
      await postgres.killPostgres();
      await postgres.restartPostgres();
    }
    const goal = answered.size + 100;
    await waitUntil(() => answered.size >= goal, 60_000);
    writing = false;
    await Promise.all(writers);

    const stored = await system.container.database.query<{ idempotency_key: string }>(
      "SELECT idempotency_key FROM usage_event",
    );
    const keys = new Set(stored.map((row) => row.idempotency_key));
    expect(unavailable).toBeGreaterThan(0);
    expect(stored).toHaveLength(keys.size);
    expect([...answered].filter((key) => !keys.has(key))).toEqual([]);
    for (const customerId of customers) {
      expect(await derivedUsage(system.container.database, customerId)).toEqual(
        await recountedUsage(system.container.database, customerId),
      );
    }
  }, 180_000);
});
