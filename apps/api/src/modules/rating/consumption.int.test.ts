import { decimal, formatDecimal, measure, stateOfEvents } from "@meterline/billing-domain";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  newCustomer,
  record,
  startTestSystem,
  type TestSystem,
  testNow,
  usageItem,
} from "../../testing/test-system.ts";
import type { Viewer } from "../../platform/auth/index.ts";
import { encodeCursor } from "../../platform/graphql/index.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

async function profileOf(customerId: string) {
  const [profile] = await system.container.profiles.find([{ customerId, externalCustomerId: null }]);
  if (!profile) throw new Error("the customer is there");
  return profile;
}
const billOf = async (customerId: string, at = testNow) =>
  (await system.container.consumption.consumption(staff, await profileOf(customerId), at)).bill;
const seriesOf = async (
  customerId: string,
  meterKey: string,
  from: string,
  to: string,
  groupBy: string | null = null,
) =>
  system.container.usage.series(staff, await profileOf(customerId), {
    meterKey,
    from: Date.parse(from),
    to: Date.parse(to),
    grain: "DAY",
    groupBy,
  });

describe("consumption", () => {
  it("is the base fee, and what is past the allowance at its tier's price, to the cent", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    // 1,600.5 calls: 100 are included, 1,000 cost 0.01 = 10.00, 500.5 cost 0.005 = 2.5025; the line is 12.5025, 12.50.
    await record(
      system.container,
      usageItem({ customerId, quantity: "1600" }),
      usageItem({ customerId, quantity: "0.5" }),
    );
    const bill = await billOf(customerId);
    const [calls] = bill.lines;
    expect(calls && formatDecimal(calls.unroundedAmount)).toBe("12.5025");
    expect(calls?.amount).toEqual({ amountMinor: 1250n, currency: "USD" });
    expect(bill.total).toEqual({ amountMinor: 3250n, currency: "USD" });
  });

  it("a level counts the hours that it has held so far, and carries over into the next period", async () => {
    const customerId = await newCustomer(system, { planKey: "standard", startsAt: "2026-02-16T00:00:00Z" });
    // 10 seats from 11 March, 00:00: 120 hours to the period's end, then 10 hours until now: 16 March, 10:00.
    await record(
      system.container,
      usageItem({ customerId, meterKey: "seats", quantity: "10", occurredAt: "2026-03-11T00:00:00Z" }),
    );
    const seats = async (at: string) =>
      (await billOf(customerId, Date.parse(at))).lines.find((line) => line.meterKey === "seats");
    expect(formatDecimal((await seats("2026-03-15T00:00:00Z"))?.quantity ?? decimal("-1"))).toBe("1200");
    expect(formatDecimal((await seats("2026-03-16T00:00:00Z"))?.quantity ?? decimal("-1"))).toBe("100");
  });

  it("a first period that is cut short pays its share of the base fee by the second", async () => {
    const customerId = await newCustomer(system);
    // The anchor is 1 March; from 16 March, 12:00, half of March's 31 days are left: 20.00 x 15.5 / 31 = 10.00.
    const wanted = {
      planKey: "standard",
      startsAt: Date.parse("2026-03-16T12:00:00Z"),
      anchorAt: Date.parse("2026-03-01T00:00:00Z"),
    };
    await system.container.subscriptions.create(null, { customerId, externalCustomerId: null }, wanted);
    expect((await billOf(customerId, Date.parse("2026-03-20T00:00:00Z"))).baseFee.amountMinor).toBe(1000n);
  });

  it("of the end of all time is refused by name; of the year 8999 it is an empty bill", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await expect(billOf(customerId, Date.parse("9999-12-31T23:59:59Z"))).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      extensions: { field: "at" },
    });
    expect((await billOf(customerId, Date.parse("8999-12-31T23:59:59Z"))).total.amountMinor).toBe(2_000n);
  });

  it("without a plan usage is shown and nothing is owed", async () => {
    const customerId = await newCustomer(system);
    await record(system.container, usageItem({ customerId, quantity: "5" }));
    const view = await system.container.consumption.consumption(staff, await profileOf(customerId), testNow);
    expect(view.bill.total.amountMinor).toBe(0n);
    expect(formatDecimal(view.usages.get("calls")?.quantity ?? decimal("-1"))).toBe("5");
  });

  it("an unused meter of the plan is a line of 0 with nothing measured", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const { lines } = await billOf(customerId);
    expect(lines.map((line) => [line.meterKey, line.hasValue, line.amount.amountMinor])).toEqual([
      ["calls", true, 0n],
      ["peak", false, 0n],
      ["seats", true, 0n],
    ]);
  });

  it("a percentage by event of a COUNT meter counts events, whatever quantity was sent", async () => {
    const rateCards = [{ meterKey: "events", model: "PERCENTAGE", ratePercent: "10", freeEvents: 1 }];
    const plan = {
      key: "by-event",
      name: "By event",
      currency: "USD",
      baseAmount: "0",
      interval: "MONTH",
      intervalCount: 1,
      rateCards,
    };
    const catalog = { meters: [], plans: [plan] };
    const { digest } = await system.container.catalog.difference(catalog);
    await system.container.catalog.apply(null, catalog, digest);
    const customerId = await newCustomer(system, { planKey: "by-event" });
    const event = () => usageItem({ customerId, meterKey: "events", quantity: "5" });
    await record(system.container, event(), event(), event());
    const [line] = (await billOf(customerId)).lines;
    expect(line?.amount.amountMinor).toBe(20n);
  });

  it("a negative total is carried over any number of periods, until it is used up", async () => {
    const rateCards = [{ meterKey: "units", model: "PER_UNIT", unitPrice: "1", carryNegative: true }];
    const plan = { key: "daily", name: "Daily", currency: "USD", baseAmount: "0", interval: "DAY", rateCards };
    const catalog = { meters: [], plans: [{ ...plan, intervalCount: 1 }] };
    const { digest } = await system.container.catalog.difference(catalog);
    await system.container.catalog.apply(null, catalog, digest);
    const customerId = await newCustomer(system, { planKey: "daily", startsAt: "2026-02-01T00:00:00Z" });
    const used = (quantity: string, occurredAt: string) =>
      usageItem({ customerId, meterKey: "units", quantity, occurredAt });
    await record(
      system.container,
      used("-100", "2026-02-11T00:00:00Z"),
      used("30", "2026-03-01T00:00:00Z"),
      used("90", "2026-03-16T00:00:00Z"),
    );
    const [line] = (await billOf(customerId)).lines;
    expect(line && formatDecimal(line.billableQuantity)).toBe("20");
  });

  it("a change of plan in another process is in the bill at once, whatever is cached here", async () => {
    const customerId = await newCustomer(system);
    await record(system.container, usageItem({ customerId, quantity: "1600" }));
    const stale = await profileOf(customerId);
    const startsAt = Date.parse("2026-03-05T00:00:00Z");
    const wanted = { planKey: "standard", startsAt, anchorAt: startsAt };
    const other = await system.another();
    await other.subscriptions.create(null, { customerId, externalCustomerId: null }, wanted);
    const { bill } = await system.container.consumption.consumption(staff, stale, testNow);
    expect(bill.lines[0] && formatDecimal(bill.lines[0].quantity)).toBe("1600");
  });
});

describe("usage series", () => {
  it("days are the customer's: a half-hour zone's day begins at 18:30 UTC", async () => {
    const customerId = await newCustomer(system, { planKey: "standard", timeZone: "Asia/Kolkata" });
    const occurred = [
      "2026-03-09T18:29:59.999Z",
      "2026-03-09T18:30:00Z",
      "2026-03-10T18:29:59Z",
      "2026-03-10T18:30:00Z",
    ];
    await record(system.container, ...occurred.map((occurredAt) => usageItem({ customerId, occurredAt })));
    const series = await seriesOf(customerId, "calls", "2026-03-08T18:30:00Z", "2026-03-11T18:30:00Z");
    expect(series.points.map((point) => point.quantity)).toEqual(["1", "2", "1"]);
  });

  it("a level that is not carried over is charted as it is billed: in force within its billing period only", async () => {
    const customerId = await newCustomer(system, { planKey: "standard", startsAt: "2026-01-20T10:07:00Z" });
    const occurred = ["2026-02-18T00:00:00Z", "2026-02-21T00:00:00Z"];
    for (const occurredAt of occurred) {
      await record(system.container, usageItem({ customerId, meterKey: "leases", quantity: "2", occurredAt }));
    }
    // The period ends on the 20th at 10:07: 2 leases hold for 10 h 7 min of that day, and none until the 21st.
    const edge = await seriesOf(customerId, "leases", "2026-02-19T00:00:00Z", "2026-02-22T00:00:00Z");
    expect(edge.points.map((point) => point.quantity)).toEqual(["48", "20.233333333333", "48"]);
    expect(edge.total).toBe("116.233333333333");
    // A chart that begins inside a period begins with the level in force there.
    const inside = await seriesOf(customerId, "leases", "2026-02-19T12:00:00Z", "2026-02-20T00:00:00Z");
    expect(inside.points.map((point) => point.quantity)).toEqual(["24"]);
  });

  it("the first and last bar are exact where the range cuts a window", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const occurred = [
      "2026-03-10T10:03:59.999Z",
      "2026-03-10T10:04:00Z",
      "2026-03-10T10:20:00Z",
      "2026-03-10T10:35:00Z",
    ];
    await record(system.container, ...occurred.map((occurredAt) => usageItem({ customerId, occurredAt })));
    const series = await seriesOf(customerId, "calls", "2026-03-10T10:04:00Z", "2026-03-10T10:35:00Z");
    expect(series.total).toBe("2");
  });

  it("groups sum to the whole, and an event without the property is a group of its own", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const of = (model: string | null, quantity: string) =>
      usageItem({ customerId, quantity, properties: model === null ? null : { model } });
    await record(system.container, of("a", "5"), of("b", "7"), of("a", "1"), of(null, "2"));
    const series = await seriesOf(customerId, "calls", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", "model");
    expect(series.groups.map((group) => [group.value, group.total])).toEqual([
      ["b", "7"],
      ["a", "6"],
      ["", "2"],
    ]);
    expect(series.total).toBe("15");
  });

  it("a level is charted up to now, as it is billed: what is ahead is no usage", async () => {
    const customerId = await newCustomer(system, { planKey: "standard", startsAt: "2026-03-15T00:00:00Z" });
    await record(
      system.container,
      usageItem({ customerId, meterKey: "seats", quantity: "10", occurredAt: "2026-03-16T00:00:00Z" }),
    );
    const series = await seriesOf(customerId, "seats", "2026-03-15T00:00:00Z", "2026-03-18T00:00:00Z");
    const billed = (await billOf(customerId)).lines.find((line) => line.meterKey === "seats");
    expect([series.total, billed && formatDecimal(billed.quantity)]).toEqual(["100", "100"]);
    expect(series.points.map((point) => point.quantity)).toEqual(["0", "100", "0"]);
  });

  it.each([
    ["no time", ["yesterday", "01890000-0000-7000-8000-000000000000"]],
    ["no id", ["2026-03-10T12:00:00.000Z", "x"]],
  ])("a cursor of events that holds %s is refused by name", async (_what, parts) => {
    const profile = await profileOf(await newCustomer(system));
    const after = encodeCursor(parts);
    const query = { meterKey: null, from: null, to: null, idempotencyKey: null, first: 1, after };
    await expect(system.container.usage.events(staff, profile, query)).rejects.toMatchObject({
      extensions: { code: "BAD_USER_INPUT", field: "after" },
    });
  });

  it("more than 2,000 points are refused, and so is a property that is not declared", async () => {
    const customerId = await newCustomer(system);
    await expect(seriesOf(customerId, "calls", "2010-01-01T00:00:00Z", "2026-01-01T00:00:00Z")).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
    await expect(
      seriesOf(customerId, "calls", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "colour"),
    ).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("one number", () => {
  const meterKeys = ["calls", "events", "peak", "latest", "users", "seats", "leases"] as const;
  const usage = fc.array(
    fc.record({
      meterKey: fc.constantFrom(...meterKeys),
      quantity: fc.constantFrom("1", "2.75", "30", "0.000000000001"),
      minute: fc.integer({ min: 0, max: 14 * 24 * 60 }),
      user: fc.constantFrom("u1", "u2", "u3"),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it("bill, chart and a recount of the events by billing-domain agree, for every aggregation", async () => {
    const { container } = system;
    const window = { startAt: Date.parse("2026-03-01T00:00:00Z"), endAt: testNow };
    await fc.assert(
      fc.asyncProperty(usage, async (events) => {
        const customerId = await newCustomer(system, { planKey: "standard", timeZone: "America/New_York" });
        const items = events.map(({ meterKey, quantity, minute, user }) =>
          usageItem({
            customerId,
            meterKey,
            quantity: meterKey === "users" ? "1" : quantity,
            occurredAt: new Date(window.startAt + minute * 60_000).toISOString(),
            properties: meterKey === "users" ? { user } : null,
          }),
        );
        await record(container, ...items);
        const { usages } = await container.consumption.consumption(staff, await profileOf(customerId), testNow);
        for (const meterKey of meterKeys) {
          const counted = items
            .filter((item) => item.meterKey === meterKey)
            .map((item) => ({
              quantity: decimal(item.quantity),
              occurredAt: Date.parse(item.occurredAt ?? ""),
              receivedAt: testNow,
              uniqueValue: (item.properties as { user: string } | null)?.user ?? null,
            }));
          const aggregation = meterAggregations[meterKey];
          const expected = measure(aggregation, stateOfEvents(counted), { window, levelBefore: null });
          const text = expected === null ? null : formatDecimal(expected);
          const charted = await seriesOf(customerId, meterKey, "2026-03-01T00:00:00Z", new Date(testNow).toISOString());
          expect([meterKey, charted.total]).toEqual([meterKey, text]);
          // The bill lists no meter that is neither used nor on the plan.
          const billed = usages.get(meterKey)?.quantity ?? null;
          const billedText = counted.length === 0 ? text : billed && formatDecimal(billed);
          expect([meterKey, billedText]).toEqual([meterKey, text]);
        }
      }),
      { numRuns: 30 },
    );
  });
});

const meterAggregations = {
  calls: "SUM",
  events: "COUNT",
  peak: "MAX",
  latest: "LATEST",
  users: "UNIQUE_COUNT",
  seats: "WEIGHTED_SUM",
  leases: "WEIGHTED_SUM",
} as const;
