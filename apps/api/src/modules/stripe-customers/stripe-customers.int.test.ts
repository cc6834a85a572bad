import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FrozenClock } from "../../platform/clock.ts";
import { type StripeServer, startStripeServer } from "../../testing/stripe-server.ts";
import { stripeLinks, type StripeSubscriptionLink } from "../stripe-catalog/index.ts";

const at = (text: string) => Date.parse(`${text}Z`);
const march = at("2026-03-01T00:00");
const april = at("2026-04-01T00:00");
const start = at("2026-03-16T10:00");

let server: StripeServer;
beforeAll(async () => {
  server = await startStripeServer({ clock: new FrozenClock(start) });
  const { catalog } = server.container.stripe;
  await catalog.apply(null, (await catalog.difference()).digest);
  await server.settle();
});
afterAll(() => server?.stop());
beforeEach(() => server.sandbox.faults.clear());

let count = 0;
type Made = { customerId: string; subscriptionId: string };

/** A customer that went live in January, on a plan since March. */
async function customer(
  options: { planKey?: string; startsAt?: number; anchorAt?: number; goLiveAt?: string } = {},
): Promise<Made> {
  count += 1;
  const { customers, subscriptions } = server.container;
  const { id } = await customers.create(null, {
    externalId: `c-${count}`,
    email: `c-${count}@example.com`,
    goLiveAt: options.goLiveAt ?? "2026-01-01T00:00:00Z",
  });
  const startsAt = options.startsAt ?? march;
  const wanted = { planKey: options.planKey ?? "standard", startsAt, anchorAt: options.anchorAt ?? startsAt };
  const made = await subscriptions.create(null, { customerId: id, externalCustomerId: null }, wanted);
  return { customerId: id, subscriptionId: made.id };
}

async function link(made: Made, stripeCustomerId: string | null = null): Promise<void> {
  await server.container.stripe.customers.link(null, { customerId: made.customerId, stripeCustomerId });
  await server.settle();
}

async function linked(options: Parameters<typeof customer>[0] = {}): Promise<Made> {
  const made = await customer(options);
  await link(made);
  return made;
}

const linkOf = async ({ customerId }: Made) =>
  (await stripeLinks(server.container.database, [customerId])).customers.get(customerId);
async function subscriptionOf(made: Made): Promise<StripeSubscriptionLink> {
  const found = (await linkOf(made))?.subscriptions.find((one) => one.planSubscriptionId === made.subscriptionId);
  if (found === undefined) throw new Error(`not at Stripe: ${JSON.stringify(await syncOf(made))}`);
  return found;
}
const syncOf = async ({ customerId }: Made) =>
  (
    await server.container.database.query(
      "SELECT state, note, last_error, attempts FROM stripe_sync WHERE customer_id = $1",
      [customerId],
    )
  )[0];
const noticesOf = async ({ customerId }: Made) =>
  (
    await server.container.database.query<{ kind: string; message: string }>(
      "SELECT kind, message FROM stripe_notice WHERE customer_id = $1 AND resolved_at IS NULL ORDER BY first_at, kind",
      [customerId],
    )
  ).map(({ kind, message }) => `${kind}: ${message}`);
async function endsAtOf(made: Made): Promise<number | null> {
  const [row] = await server.container.database.query<{ ends_at: Date | null }>(
    "SELECT ends_at FROM plan_subscription WHERE id = $1",
    [made.subscriptionId],
  );
  return row?.ends_at?.getTime() ?? null;
}
const retrieve = async (made: Made) =>
  server.stripe.subscriptions.retrieve((await subscriptionOf(made)).stripeSubscriptionId);
const customersAtStripe = async () => (await server.stripe.customers.list({ limit: 100 })).data;

describe("linking a customer", () => {
  test("makes it at Stripe, and a hybrid subscription from the start of the running period", async () => {
    const made = await linked();
    const found = await linkOf(made);
    const stripe = await server.stripe.customers.retrieve(found?.stripeCustomerId ?? "");
    expect(stripe).toMatchObject({
      email: `c-${count}@example.com`,
      metadata: { meterline_customer: made.customerId },
    });
    const subscription = await retrieve(made);
    expect(subscription).toMatchObject({
      start_date: march / 1_000,
      billing_mode: { type: "flexible" },
      metadata: { meterline_subscription: made.subscriptionId },
    });
    const [item] = subscription.items.data;
    expect([item?.current_period_start, item?.current_period_end]).toEqual([march / 1_000, april / 1_000]);
    const own = await subscriptionOf(made);
    expect(own).toMatchObject({ status: "active", startsAt: march, cancelAt: null, endedAt: null });
    expect(own.items.map((one) => one.meterKey)).toEqual([null, "calls", "peak", "seats"]);
    expect((await server.stripe.invoices.list({ customer: found?.stripeCustomerId ?? "" })).data[0]?.total).toBe(2_000);
    expect(await syncOf(made)).toMatchObject({
      state: "DONE",
      note: expect.stringContaining("bills standard from 2026-03-01"),
    });
  });

  test("again changes nothing, and another id for it is refused", async () => {
    const made = await linked();
    const before = await linkOf(made);
    await link(made);
    expect(await linkOf(made)).toEqual(before);
    await expect(link(made, (await customersAtStripe())[3]?.id ?? "")).rejects.toMatchObject({
      extensions: { code: "CONFLICT" },
    });
  });

  test("adopts a customer that is there, once; one in another currency, or unknown, is refused", async () => {
    const theirs = await server.stripe.customers.create({ name: "Theirs" });
    const made = await customer();
    await link(made, theirs.id);
    expect((await linkOf(made))?.stripeCustomerId).toBe(theirs.id);
    await expect(link(await customer(), theirs.id)).rejects.toMatchObject({ extensions: { code: "CONFLICT" } });
    await expect(link(await customer(), "cus_none")).rejects.toMatchObject({ extensions: { code: "NOT_FOUND" } });
  });

  test("a lost answer, or a crash after it, makes no second customer and no second subscription", async () => {
    const before = (await customersAtStripe()).length;
    const made = await customer();
    for (const path of ["/v1/customers", "/v1/subscriptions"])
      server.sandbox.faults.add({ effect: { kind: "drop" }, path, method: "POST", rate: 1, left: 2 });
    await link(made);
    for (let minute = 0; minute < 20; minute += 1) {
      server.clock.advance(10_000);
      await server.settle();
    }
    expect((await customersAtStripe()).length).toBe(before + 1);
    const { stripeCustomerId = "" } = (await linkOf(made)) ?? {};
    expect((await server.stripe.subscriptions.list({ customer: stripeCustomerId })).data).toHaveLength(1);
    // What we knew of it is lost: it is found again by what we wrote on it.
    await server.container.database.query("DELETE FROM stripe_subscription WHERE customer_id = $1", [made.customerId]);
    await link(made);
    expect((await server.stripe.subscriptions.list({ customer: stripeCustomerId })).data).toHaveLength(1);
    expect((await subscriptionOf(made)).status).toBe("active");
  });

  test("an anchor on the 31st returns to the 31st, also when it begins in a short month", async () => {
    const made = await linked({ startsAt: at("2026-02-28T12:00"), anchorAt: at("2026-01-31T12:00") });
    const [item] = (await retrieve(made)).items.data;
    expect([item?.current_period_start, item?.current_period_end]).toEqual([
      at("2026-02-28T12:00") / 1_000,
      at("2026-03-31T12:00") / 1_000,
    ]);
  });

  test("weeks begin where ours do", async () => {
    const made = await linked({ planKey: "weekly", startsAt: at("2026-03-04T07:30") });
    const [item] = (await retrieve(made)).items.data;
    expect(item?.current_period_start).toBe(at("2026-03-11T07:30") / 1_000);
    expect(item?.current_period_end).toBe(at("2026-03-18T07:30") / 1_000);
  });

  test("waits for the first period after the go-live, and for the catalog to be at Stripe", async () => {
    const waiting = await linked({ goLiveAt: "2026-03-10T00:00:00Z" });
    expect((await linkOf(waiting))?.subscriptions).toEqual([]);
    expect(await syncOf(waiting)).toMatchObject({ state: "WAITING" });
    await server.container.database.query(
      "UPDATE stripe_price SET active = false WHERE lookup_key = 'meterline.weekly.v1.calls'",
    );
    const unready = await linked({ planKey: "weekly" });
    expect(await syncOf(unready)).toMatchObject({
      last_error: expect.stringContaining("has no active price at Stripe for calls"),
    });
    expect(await noticesOf(unready)).toEqual([expect.stringContaining("SYNC_REFUSED")]);
    await server.container.database.query("UPDATE stripe_price SET active = true");
    server.clock.advance(5_000);
    await server.settle();
    expect((await subscriptionOf(unready)).status).toBe("active");
    expect(await noticesOf(unready)).toEqual([]);
  });
});

describe("an end", () => {
  test("ahead, at the end of a period, is set at Stripe and taken back there", async () => {
    const made = await linked();
    await server.container.subscriptions.end(null, made.subscriptionId, april);
    await server.settle();
    expect(await retrieve(made)).toMatchObject({ cancel_at_period_end: true, cancel_at: april / 1_000 });
    await server.container.subscriptions.resume(null, made.subscriptionId);
    await server.settle();
    expect((await retrieve(made)).cancel_at).toBeNull();
    expect(await noticesOf(made)).toEqual([]);
  });

  test("in the middle of a period, or in the past, is refused where Stripe bills", async () => {
    const made = await linked();
    const end = (endsAt: number) => server.container.subscriptions.end(null, made.subscriptionId, endsAt);
    await expect(end(at("2026-03-20T00:00"))).rejects.toThrow("it ends with a billing period");
    await expect(end(march + 60_000)).rejects.toThrow("its end must lie ahead");
  });
});

describe("somebody edits at Stripe", () => {
  test("a cancellation in the portal becomes our end, and keeping it takes it back", async () => {
    const made = await linked();
    const { stripeSubscriptionId } = await subscriptionOf(made);
    await server.stripe.subscriptions.update(stripeSubscriptionId, { cancel_at_period_end: true });
    await server.settle();
    expect(await endsAtOf(made)).toBe(april);
    expect(await noticesOf(made)).toEqual([
      expect.stringContaining(`ends at 2026-04-01T00:00:00.000Z at Stripe; ours was`),
    ]);
    await server.stripe.subscriptions.update(stripeSubscriptionId, { cancel_at_period_end: false });
    await server.settle();
    expect(await endsAtOf(made)).toBeNull();
    expect((await subscriptionOf(made)).cancelAt).toBeNull();
    // A date that was set there goes too when ours is kept.
    await server.stripe.subscriptions.update(stripeSubscriptionId, { cancel_at: april / 1_000 });
    await server.settle();
    await server.container.subscriptions.resume(null, made.subscriptionId);
    await server.settle();
    expect([(await retrieve(made)).cancel_at, await endsAtOf(made)]).toEqual([null, null]);
  });

  test("a subscription cancelled at once ends ours in that minute, and staff are told", async () => {
    const made = await linked();
    const now = server.clock.now();
    await server.stripe.subscriptions.cancel((await subscriptionOf(made)).stripeSubscriptionId);
    await server.settle();
    expect(await endsAtOf(made)).toBe(Math.floor(now / 60_000) * 60_000);
    expect(await noticesOf(made)).toEqual([expect.stringContaining("SUBSCRIPTION_ENDED: The subscription sub_")]);
    expect((await subscriptionOf(made)).status).toBe("canceled");
  });

  test("another plan's prices on it become a new subscription of ours with the same anchor", async () => {
    const made = await linked();
    const before = await retrieve(made);
    const prices = await server.stripe.prices.list({
      lookup_keys: ["meterline.standard.v1.base", "meterline.standard.v1.calls"],
    });
    expect(prices.data).toHaveLength(2);
    const plans = [
      {
        key: "scale",
        name: "Scale",
        currency: "USD",
        baseAmount: "50",
        interval: "MONTH",
        intervalCount: 1,
        rateCards: [],
      },
    ];
    const { digest } = await server.container.catalog.difference({ plans });
    await server.container.catalog.apply(null, { plans }, digest);
    const { catalog } = server.container.stripe;
    await catalog.apply(null, (await catalog.difference()).digest);
    const [scale] = (await server.stripe.prices.list({ lookup_keys: ["meterline.scale.v1.base"] })).data;
    await server.stripe.subscriptions.update(before.id, {
      items: before.items.data.map((item, index) =>
        index === 0 ? { id: item.id, price: scale?.id ?? "" } : { id: item.id, deleted: true },
      ),
    });
    await server.settle();
    const own = (await linkOf(made))?.subscriptions ?? [];
    expect(own).toHaveLength(2);
    expect(own[0]).toMatchObject({ planSubscriptionId: made.subscriptionId, endedAt: await endsAtOf(made) });
    expect(own[1]).toMatchObject({ stripeSubscriptionId: before.id, endedAt: null, startsAt: own[0]?.endedAt });
    expect(own[1]?.items.map((item) => item.meterKey)).toEqual([null]);
    const rows = await server.container.database.query(
      `SELECT v.plan_key, s.anchor_at FROM plan_subscription s JOIN plan_version v ON v.id = s.plan_version_id
       WHERE s.customer_id = $1 ORDER BY s.starts_at DESC LIMIT 1`,
      [made.customerId],
    );
    expect(rows).toEqual([{ plan_key: "scale", anchor_at: new Date(march) }]);
  });

  test("a base fee that is billed twice, and an item that is taken off, are told to staff", async () => {
    const made = await linked();
    const { id, items } = await retrieve(made);
    const [base, calls] = items.data;
    await server.stripe.subscriptions.update(id, { items: [{ id: base?.id ?? "", quantity: 2 }] });
    await server.settle();
    expect(await noticesOf(made)).toEqual([expect.stringContaining("bills its base fee 2 times.")]);
    await server.stripe.subscriptions.update(id, {
      items: [
        { id: base?.id ?? "", quantity: 1 },
        { id: calls?.id ?? "", deleted: true },
      ],
    });
    await server.settle();
    expect(await noticesOf(made)).toEqual([expect.stringContaining("has no item for calls any more: Meterline rates")]);
    expect((await subscriptionOf(made)).items.map((item) => item.meterKey)).toEqual([null, "peak", "seats"]);
  });

  test("a deleted customer is written down, and told; nothing else of it is touched", async () => {
    const made = await linked();
    await server.stripe.customers.del((await linkOf(made))?.stripeCustomerId ?? "");
    await server.settle();
    expect((await linkOf(made))?.deletedAt).toBe(server.clock.now());
    expect(await noticesOf(made)).toEqual(
      expect.arrayContaining([expect.stringContaining("CUSTOMER_DELETED: The customer cus_")]),
    );
    await link(made);
    expect(await syncOf(made)).toMatchObject({ state: "DONE", note: "The customer was deleted at Stripe." });
  });

  test("strangers' customers and subscriptions are ignored", async () => {
    const theirs = await server.stripe.customers.create({});
    await server.stripe.customers.del(theirs.id);
    await server.settle();
    const rows = await server.container.database.query(
      "SELECT state, note FROM stripe_webhook_event WHERE object_id = $1 AND type = 'customer.deleted'",
      [theirs.id],
    );
    expect(rows).toEqual([{ state: "IGNORED", note: "None of our customers." }]);
  });
});

describe("links into Stripe's pages", () => {
  const ask = (query: string, cookie: string, app = "portal") =>
    server.ask(query, { headers: { cookie, "x-meterline-app": app } });

  test("an owner gets to the portal and to Checkout; of another customer nothing is told", async () => {
    const made = await linked();
    const other = await linked();
    const cookie = await server.signInMember(made.customerId, `owner-${count}@example.com`);
    const home = await ask(`mutation { stripePortalUrl(customerId: "${made.customerId}") }`, cookie);
    expect(home.data?.["stripePortalUrl"]).toMatch(/^http.*\/p\/session\//);
    const cancel = await ask(`mutation { stripePortalUrl(customerId: "${made.customerId}", flow: CANCEL) }`, cookie);
    expect(cancel.data?.["stripePortalUrl"]).toMatch(/\/p\/session\//);
    const setup = await ask(`mutation { stripeSetupUrl(customerId: "${made.customerId}") }`, cookie);
    expect(setup.data?.["stripeSetupUrl"]).toMatch(/\/c\/pay\//);
    expect((await ask(`mutation { stripePortalUrl(customerId: "${other.customerId}") }`, cookie)).code).toBe(
      "NOT_FOUND",
    );
  });

  test("a member who only looks gets none", async () => {
    const made = await linked();
    const cookie = await server.signInMember(made.customerId, `viewer-${count}@example.com`);
    await server.container.database.query("UPDATE member SET role = 'VIEWER' WHERE customer_id = $1", [
      made.customerId,
    ]);
    expect((await ask(`mutation { stripePortalUrl(customerId: "${made.customerId}") }`, cookie)).code).toBe(
      "FORBIDDEN",
    );
  });

  test("a customer that is not linked has no page there", async () => {
    const made = await customer();
    const cookie = await server.signInStaff(`staff-${count}@example.com`);
    expect((await ask(`mutation { stripePortalUrl(customerId: "${made.customerId}") }`, cookie, "admin")).code).toBe(
      "CONFLICT",
    );
  });

  test("staff see how a customer stands, and link one", async () => {
    const made = await customer();
    const cookie = await server.signInStaff(`staff2-${count}@example.com`);
    const input = `{ customerId: "${made.customerId}" }`;
    const first = await ask(
      `mutation { linkStripeCustomer(input: ${input}) { stripeCustomerId syncState } }`,
      cookie,
      "admin",
    );
    expect(first.data?.["linkStripeCustomer"]).toEqual({ stripeCustomerId: null, syncState: "WAITING" });
    await server.settle();
    const standing = await ask(
      `{ stripeStanding(customerId: "${made.customerId}") { stripeCustomerId syncState subscriptions { status ratedByStripe } } }`,
      cookie,
      "admin",
    );
    expect(standing.data?.["stripeStanding"]).toMatchObject({
      stripeCustomerId: expect.stringMatching(/^cus_/),
      subscriptions: [{ status: "active", ratedByStripe: ["calls", "peak", "seats"] }],
    });
  });
});

// Last, because it moves the clock on by months.
test("a change of plan at the end of a period: one ends there, the next begins there, and both bill", async () => {
  const made = await linked();
  const { subscriptions } = server.container;
  await subscriptions.end(null, made.subscriptionId, april);
  const wanted = { planKey: "weekly", startsAt: april, anchorAt: april };
  const next = await subscriptions.create(null, { customerId: made.customerId, externalCustomerId: null }, wanted);
  await server.settle();
  expect((await linkOf(made))?.subscriptions).toHaveLength(1);
  server.clock.set(april + 90_000);
  await server.settle();
  expect((await subscriptionOf(made)).endedAt).toBe(april);
  const begun = await subscriptionOf({ ...made, subscriptionId: next.id });
  expect(begun).toMatchObject({ startsAt: april, status: "active" });
  const stripe = await server.stripe.subscriptions.retrieve(begun.stripeSubscriptionId);
  expect(stripe.items.data[0]?.current_period_end).toBe(at("2026-04-08T00:00") / 1_000);
  expect(await noticesOf(made)).toEqual([]);
});
