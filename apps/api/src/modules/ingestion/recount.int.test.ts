import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedUsage, recountedUsage } from "../../testing/derived-usage.ts";
import { newCustomer, record, startTestSystem, type TestSystem, usageItem } from "../../testing/test-system.ts";
import type { IngestItem } from "./ingest-item.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

const minuteMs = 60_000;

/** Usage of any meter within three weeks around the first of March, in any order, with few distinct values and times. */
const usage = fc.record({
  meterKey: fc.constantFrom("calls", "units", "events", "peak", "latest", "users", "seats", "paid"),
  quantity: fc.constantFrom("0", "1", "2.5", "1000000", "0.000001", "7"),
  minute: fc.integer({ min: 0, max: 14 * 24 * 60 }),
  kind: fc.constantFrom("a", "b", "c"),
  negative: fc.boolean(),
});
type Usage = typeof usage extends fc.Arbitrary<infer T> ? T : never;

/** A step of a schedule: a batch of usage, a void of an earlier event, or another plan. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      items: fc.array(usage, { minLength: 1, maxLength: 25 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("void" as const), pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("subscribe" as const), minute: fc.integer({ min: 0, max: 14 * 24 * 60 }) }),
  },
);

const startAt = Date.parse("2026-02-25T00:00:00Z");
const at = (minute: number) => new Date(startAt + minute * minuteMs + (minute % 7) * 1_000).toISOString();

function itemOf(customerId: string, { meterKey, quantity, minute, kind, negative }: Usage): IngestItem {
  const properties: Record<string, Record<string, string>> = {
    calls: { model: kind, region: "eu" },
    users: { user: kind },
    paid: { amount: quantity, status: kind === "a" ? "failed" : "settled" },
  };
  return usageItem({
    customerId,
    meterKey,
    occurredAt: at(minute),
    quantity:
      meterKey === "users" || meterKey === "paid" ? "1" : meterKey === "units" && negative ? `-${quantity}` : quantity,
    properties: properties[meterKey] ?? null,
  });
}

describe("derived usage", () => {
  it("equals a recount of events after any schedule of usage, voids and changes of plan", async () => {
    const { container, clock } = system;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const customerId = await newCustomer(system);
        const ref = { customerId, externalCustomerId: null };
        const recorded: string[] = [];
        for (const one of steps) {
          clock.advance(1_000);
          if (one.do === "record") {
            const outcomes = await record(container, ...one.items.map((item) => itemOf(customerId, item)));
            for (const outcome of outcomes) if (outcome.outcome === "RECORDED") recorded.push(outcome.event.id);
          } else if (one.do === "void" && recorded.length > 0) {
            const eventId = recorded[one.pick % recorded.length] ?? "";
            await container.voids.voidEvent({
              customerId,
              eventId,
              reason: "a test",
              idempotencyKey: `void ${eventId}`,
            });
          } else if (one.do === "subscribe") {
            const anchor = Date.parse(at(one.minute));
            const wanted = { planKey: "weekly", startsAt: anchor, anchorAt: anchor };
            // A second subscription at the same time is refused; that changes nothing either.
            await container.subscriptions.create(null, ref, wanted).catch(() => undefined);
          }
        }
        expect(await derivedUsage(container.database, customerId)).toEqual(
          await recountedUsage(container.database, customerId),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("a period whose edges cut a window is exact: usage a millisecond before its start is in the one before", async () => {
    const { container } = system;
    const customerId = await newCustomer(system, { planKey: "standard", startsAt: "2026-03-05T10:07:00Z" });
    const occurred = ["2026-03-05T10:06:59.999Z", "2026-03-05T10:07:00.000Z", "2026-03-05T10:14:59.999Z"];
    await record(container, ...occurred.map((occurredAt) => usageItem({ customerId, meterKey: "units", occurredAt })));
    const { totals } = await derivedUsage(container.database, customerId);
    expect(totals).toMatchObject([
      {
        period_start: new Date("2026-03-01T00:00:00Z"),
        period_end: new Date("2026-03-05T10:07:00Z"),
        event_count: "1",
      },
      {
        period_start: new Date("2026-03-05T10:07:00Z"),
        period_end: new Date("2026-04-05T10:07:00Z"),
        event_count: "2",
      },
    ]);
    expect({ totals }).toEqual({ totals: (await recountedUsage(container.database, customerId))["totals"] });
  });
});
