import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type StripeServer, startStripeServer } from "../../testing/stripe-server.ts";
import { testCatalog } from "../../testing/test-catalog.ts";
import { stripeMeters } from "./index.ts";

let server: StripeServer;
beforeEach(async () => {
  server = await startStripeServer();
});
afterEach(() => server?.stop());

const catalog = () => server.container.stripe.catalog;
const changes = async () => (await catalog().difference()).changes.map(({ kind, path }) => `${kind} ${path}`);
const undone = async () => (await changes()).filter((line) => !line.startsWith("RATED_HERE"));

async function apply() {
  return catalog().apply(null, (await catalog().difference()).digest);
}

async function notices(): Promise<string[]> {
  const rows = await server.container.database.query<{ kind: string; message: string }>(
    "SELECT kind, message FROM stripe_notice WHERE resolved_at IS NULL ORDER BY first_at, kind",
  );
  return rows.map(({ kind, message }) => `${kind}: ${message}`);
}

async function changePlan(key: string, change: object) {
  const plans = testCatalog.plans.map((plan) => (plan.key === key ? { ...plan, ...change } : plan));
  const { digest } = await server.container.catalog.difference({ ...testCatalog, plans });
  await server.container.catalog.apply(null, { ...testCatalog, plans }, digest);
}

const makeMeter = (event_name: string, more: object = {}) =>
  server.stripe.billing.meters.create({
    display_name: "Theirs",
    event_name,
    default_aggregation: { formula: "sum" },
    ...more,
  });

describe("bringing the catalog to Stripe", () => {
  test("shows first, does it, and finds nothing to do the second time", async () => {
    const shown = await changes();
    expect(shown).toContain("ADD meters.calls");
    expect(shown).toContain("ADD plans.standard.v1.base");
    expect(shown).toContain("ADD plans.standard.v1.calls");
    expect((await server.stripe.billing.meters.list()).data).toEqual([]);
    const { applied, left } = await apply();
    expect([applied.length > 10, left]).toEqual([true, 0]);
    expect(await undone()).toEqual([]);
    expect((await apply()).applied).toEqual([]);
    const calls = (await stripeMeters(server.container.database)).get("calls");
    expect(calls).toMatchObject({ eventName: "calls", formula: "sum", active: true, transport: "V1" });
    const [price] = (
      await server.stripe.prices.list({ lookup_keys: ["meterline.standard.v1.calls"], expand: ["data.tiers"] })
    ).data;
    expect(price).toMatchObject({ currency: "usd", recurring: { interval: "month", meter: calls?.stripeMeterId } });
    // 100 included, then a cent each up to 1,000 more, then half a cent.
    expect(price?.tiers?.map((tier) => [tier.up_to, String(tier.unit_amount_decimal)])).toEqual([
      [100, "0"],
      [1_100, "1"],
      [null, "0.5"],
    ]);
  });

  test("is refused when something changed after it was shown", async () => {
    const { digest } = await catalog().difference();
    await makeMeter("calls");
    await expect(catalog().apply(null, digest)).rejects.toMatchObject({ extensions: { code: "CONFLICT" } });
  });

  test("goes on where it stopped, and makes nothing twice", async () => {
    server.sandbox.faults.add({ effect: { kind: "fail_after" }, path: "/v1/prices", method: "POST", rate: 1, left: 1 });
    await expect(apply()).rejects.toMatchObject({ extensions: { code: "UNAVAILABLE" } });
    server.sandbox.faults.add({
      effect: { kind: "drop" },
      path: "/v1/billing/meters",
      method: "POST",
      rate: 1,
      left: 2,
    });
    await apply();
    expect(await undone()).toEqual([]);
    const prices = await server.stripe.prices.list({ limit: 100, active: true });
    const keys = prices.data.map((price) => price.lookup_key);
    expect(new Set(keys).size).toBe(keys.length);
    expect((await server.stripe.billing.meters.list({ limit: 100 })).data).toHaveLength(testCatalog.meters.length);
  });

  test("adopts what is there under our names: after our own links were lost, nothing is made", async () => {
    await apply();
    const before = await server.stripe.prices.list({ limit: 100 });
    await server.container.database.query("TRUNCATE stripe_meter, stripe_price");
    expect((await undone()).every((line) => line.startsWith("ADOPT"))).toBe(true);
    await apply();
    expect(await undone()).toEqual([]);
    expect((await server.stripe.prices.list({ limit: 100 })).data.map((price) => price.id)).toEqual(
      before.data.map((price) => price.id),
    );
  });

  test("a changed plan is a new version with prices of its own; the old ones stay while somebody is on them", async () => {
    const { id } = await server.container.customers.create(null, { externalId: "on-v1" });
    const wanted = { planKey: "standard", startsAt: null, anchorAt: null };
    await server.container.subscriptions.create(null, { customerId: id, externalCustomerId: null }, wanted);
    await apply();
    await changePlan("standard", { baseAmount: "25.00" });
    const added = await undone();
    expect(added).toContain("ADD plans.standard.v2.base");
    expect(added.some((line) => line.includes("standard.v1"))).toBe(false);
    await apply();
    const keys = (await server.stripe.prices.list({ limit: 100, active: true })).data.map((price) => price.lookup_key);
    expect(keys).toEqual(expect.arrayContaining(["meterline.standard.v1.base", "meterline.standard.v2.base"]));
  });

  test("what no price of Stripe's can say is rated here, with the reason", async () => {
    await changePlan("weekly", {
      rateCards: [{ meterKey: "calls", model: "PER_UNIT", unitPrice: "1", maximumAmount: "9" }],
    });
    const { changes: shown } = await catalog().difference();
    expect(shown.find((change) => change.path === "plans.weekly.v2.calls")).toMatchObject({
      kind: "RATED_HERE",
      summary: expect.stringContaining("minimum or a maximum"),
      operation: null,
    });
  });
});

describe("meters that the account has already", () => {
  test("a sum takes the moves of any total; the last value fits LATEST only; counts and windows fit nothing", async () => {
    await makeMeter("calls");
    await makeMeter("latest", { default_aggregation: { formula: "last" } });
    await makeMeter("peak", { default_aggregation: { formula: "last" } });
    await makeMeter("events", { default_aggregation: { formula: "count" } });
    await makeMeter("users", { event_time_window: "hour" });
    const { changes: shown } = await catalog().difference();
    const of = (path: string) => shown.find((change) => change.path === path);
    expect(of("meters.calls")).toMatchObject({ kind: "ADOPT" });
    expect(of("meters.latest")).toMatchObject({ kind: "ADOPT" });
    expect(of("meters.peak")).toMatchObject({ kind: "REFUSE", summary: expect.stringContaining("LATEST and not MAX") });
    expect(of("meters.events")).toMatchObject({ kind: "REFUSE", summary: expect.stringContaining("counts events") });
    expect(of("meters.users")).toMatchObject({ kind: "REFUSE", summary: expect.stringContaining("one event a hour") });
    await apply();
    const links = await stripeMeters(server.container.database);
    expect(links.get("latest")).toMatchObject({ formula: "last", active: true });
    expect(links.get("peak")?.stripeMeterId).toBeNull();
    // Its name is theirs to give.
    expect((await server.stripe.billing.meters.list()).data.map((meter) => meter.display_name)).toContain("Theirs");
  });

  test("another event name is found, and a meter kept from Stripe gets none", async () => {
    const theirs = await makeMeter("legacy.api-calls", {
      customer_mapping: { type: "by_id", event_payload_key: "account" },
      value_settings: { event_payload_key: "amount" },
    });
    const meters = testCatalog.meters.map((meter) => {
      if (meter.key === "calls") return { ...meter, stripeEventName: "legacy.api-calls", stripeTransport: "STREAM" };
      return meter.key === "peak" ? { ...meter, stripeTransport: "NONE" } : meter;
    });
    const { digest } = await server.container.catalog.difference({ ...testCatalog, meters });
    await server.container.catalog.apply(null, { ...testCatalog, meters }, digest);
    await apply();
    const links = await stripeMeters(server.container.database);
    expect(links.get("calls")).toMatchObject({
      stripeMeterId: theirs.id,
      eventName: "legacy.api-calls",
      customerKey: "account",
      valueKey: "amount",
      transport: "STREAM",
    });
    expect(links.get("peak")).toMatchObject({ stripeMeterId: null, transport: "NONE" });
  });
});

describe("somebody edits the catalog at Stripe", () => {
  beforeEach(async () => {
    await apply();
    await server.settle();
  });

  test("a deactivated meter is held back and told; applying activates it again", async () => {
    const id = (await stripeMeters(server.container.database)).get("calls")?.stripeMeterId ?? "";
    await server.stripe.billing.meters.deactivate(id);
    await server.settle();
    expect((await stripeMeters(server.container.database)).get("calls")?.active).toBe(false);
    expect(await notices()).toEqual([expect.stringContaining("METER_DEACTIVATED: The meter calls (mtr_")]);
    expect(await undone()).toEqual(["MEND meters.calls"]);
    await apply();
    await server.settle();
    expect((await stripeMeters(server.container.database)).get("calls")?.active).toBe(true);
    expect(await notices()).toEqual([]);
  });

  test("a deactivated price is told; applying activates it again", async () => {
    const [price] = (await server.stripe.prices.list({ lookup_keys: ["meterline.standard.v1.calls"] })).data;
    await server.stripe.prices.update(price?.id ?? "", { active: false });
    await server.settle();
    expect(await notices()).toEqual([
      expect.stringContaining("PRICE_DEACTIVATED: The price meterline.standard.v1.calls"),
    ]);
    expect(await undone()).toEqual(["MEND plans.standard.v1.calls"]);
    await apply();
    expect(await undone()).toEqual([]);
    await server.settle();
    expect(await notices()).toEqual([]);
  });

  test("a lookup key that was moved to a price of somebody's own is told, and superseded by one of ours", async () => {
    const [ours] = (await server.stripe.prices.list({ lookup_keys: ["meterline.standard.v1.base"] })).data;
    const theirs = await server.stripe.prices.create({
      currency: "usd",
      product: "meterline_plan_standard",
      unit_amount: 1,
      recurring: { interval: "month" },
      lookup_key: "meterline.standard.v1.base",
      transfer_lookup_key: true,
    });
    await server.settle();
    expect(await notices()).toEqual([expect.stringContaining(`(${ours?.id}) was changed by hand`)]);
    expect(await undone()).toEqual(["REPLACE plans.standard.v1.base"]);
    await apply();
    const [now] = (await server.stripe.prices.list({ lookup_keys: ["meterline.standard.v1.base"] })).data;
    expect([now?.unit_amount, now?.id === theirs.id]).toEqual([2_000, false]);
    expect((await server.stripe.prices.retrieve(theirs.id)).active).toBe(false);
  });

  test("objects that are none of ours are recorded and ignored", async () => {
    const meter = await makeMeter("somebody_elses");
    await server.stripe.billing.meters.deactivate(meter.id);
    await server.settle();
    expect(await notices()).toEqual([]);
    const rows = await server.container.database.query(
      "SELECT state, note FROM stripe_webhook_event WHERE object_id = $1",
      [meter.id],
    );
    expect(rows).toEqual([
      { state: "IGNORED", note: "None of our meters." },
      { state: "IGNORED", note: "None of our meters." },
    ]);
  });
});

test("over GraphQL: who may write the catalog sees and applies it, others may not", async () => {
  const key = await server.makeKey("catalog:write");
  const seen = await server.ask("{ stripeCatalogDifference { digest changes { kind path summary } } }", { key });
  const digest = (seen.data?.["stripeCatalogDifference"] as { digest: string } | undefined)?.digest;
  const applied = await server.ask(
    "mutation ($digest: String!) { applyStripeCatalog(digest: $digest) { left applied { kind } } }",
    { key, variables: { digest } },
  );
  expect(applied.data).toMatchObject({ applyStripeCatalog: { left: 0 } });
  const other = await server.makeKey("usage:read");
  expect((await server.ask("{ stripeCatalogDifference { digest } }", { key: other })).code).toBe("FORBIDDEN");
});
