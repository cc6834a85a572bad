import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newCustomer, record, usageItem } from "../../testing/test-system.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { FrozenClock } from "../../platform/clock.ts";

const now = Date.parse("2026-03-16T10:00:00Z");
const hourMs = 3_600_000;
const query = `query ($id: ID!) { projection(customerId: $id) {
  period { start end state } soFar { amountMinor } low { amountMinor } expected { amountMinor } high { amountMinor } words
  lines { meterKey usedQuantity lowQuantity expectedQuantity highQuantity expected { amountMinor } method daysKnown
    path { at low expected high } crossings { basis threshold crossing { expected } words } } } }`;

type Money = { amountMinor: string };
type Line = {
  meterKey: string;
  usedQuantity: string;
  expectedQuantity: string;
  expected: Money | null;
  method: string;
  path: unknown[];
  crossings: { basis: string; threshold: string; words: string }[];
};
type Projection = { soFar: Money; low: Money; expected: Money; high: Money; words: string; lines: Line[] };

let server: TestServer;
let key: string;
beforeAll(async () => {
  server = await startTestServer({ clock: new FrozenClock(now) });
  key = await server.makeKey("usage:read");
});
afterAll(() => server.stop());

async function projectionOf(customerId: string, options: object = { key }): Promise<Projection> {
  const answer = await server.ask(query, { ...options, variables: { id: customerId } });
  expect(answer.errors).toEqual([]);
  return (answer.data as { projection: Projection }).projection;
}

const used = (customerId: string, hoursAgo: number, quantity: string, meterKey = "calls") =>
  usageItem({ customerId, meterKey, quantity, occurredAt: new Date(now - hoursAgo * hourMs).toISOString() });

describe("projection", () => {
  it("is the bill at the period's end, with a band, and the day on which an allowance is crossed", async () => {
    const customerId = await newCustomer(server, { planKey: "standard", startsAt: "2026-02-15T00:00:00Z" });
    // Two calls each three hours: 16 a day. The period began yesterday at midnight, 34 hours ago.
    const items = Array.from({ length: 30 * 8 }, (_, index) => used(customerId, index * 3 + 1, "2"));
    await record(server.container, ...items);
    const projection = await projectionOf(customerId);
    const calls = projection.lines.find((line) => line.meterKey === "calls");
    // 31 days of 16 are 496; past the 100 included that is 3.96, and 20.00 the base fee.
    expect(Math.abs(Number(calls?.expectedQuantity) - 496)).toBeLessThan(15);
    expect(Math.abs(Number(projection.expected.amountMinor) - 2_396)).toBeLessThan(20);
    expect(calls?.path).toHaveLength(30);
    expect(calls?.crossings).toMatchObject([{ basis: "ALLOWANCE", threshold: "100" }]);
    expect(calls?.crossings[0]?.words).toMatch(/^At this pace you cross 100 calls on about \d+ Mar/);
    const amounts = [projection.low, projection.expected, projection.high].map((one) => Number(one.amountMinor));
    expect(amounts).toEqual(amounts.toSorted((left, right) => left - right));
    expect(projection.words).toContain("four times of five between");
  });

  it("without usage, and without a plan, says what there is and no more", async () => {
    const idle = await projectionOf(await newCustomer(server, { planKey: "standard" }));
    expect([idle.soFar, idle.expected]).toEqual([{ amountMinor: "2000" }, { amountMinor: "2000" }]);
    expect(idle.lines.every((line) => line.method === "SO_FAR" || line.method === "LEVEL")).toBe(true);
    const unplanned = await newCustomer(server);
    await record(server.container, used(unplanned, 2, "5"));
    expect((await projectionOf(unplanned)).expected).toEqual({ amountMinor: "0" });
  });

  it("prices each event of a percentage as far as it is forecast", async () => {
    const card = {
      meterKey: "paid",
      model: "PERCENTAGE",
      ratePercent: "2.9",
      fixedAmount: "0.3",
      freeEvents: 2,
    };
    const plan = { key: "fees", name: "Fees", currency: "USD", baseAmount: "0", interval: "MONTH", intervalCount: 1 };
    const catalog = { meters: [], plans: [{ ...plan, rateCards: [card] }] };
    const { digest } = await server.container.catalog.difference(catalog);
    await server.container.catalog.apply(null, catalog, digest);
    const customerId = await newCustomer(server, { planKey: "fees", startsAt: "2026-03-01T00:00:00Z" });
    const settled = (hoursAgo: number, amount: string) => ({
      ...used(customerId, hoursAgo, "1", "paid"),
      properties: { amount, status: "settled" },
    });
    await record(server.container, ...Array.from({ length: 90 }, (_, index) => settled(index * 4 + 1, "12.34")));
    const projection = await projectionOf(customerId);
    expect(Number(projection.expected.amountMinor)).toBeGreaterThan(Number(projection.soFar.amountMinor) * 1.5);
  });

  it("is a member's own, and nobody else's", async () => {
    const own = await newCustomer(server, { planKey: "standard" });
    const other = await newCustomer(server, { planKey: "standard" });
    const headers = { cookie: await server.signInMember(own, "ann@example.com"), "x-meterline-app": "portal" };
    expect((await projectionOf(own, { headers })).expected).toEqual({ amountMinor: "2000" });
    expect((await server.ask(query, { headers, variables: { id: other } })).code).toBe("NOT_FOUND");
  });
});
