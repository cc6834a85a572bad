import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type StripeServer, startStripeServer } from "../../../testing/stripe-server.ts";
import type { HandlerAnswer } from "./index.ts";

let server: StripeServer;
const handled: { type: string; objectId: string | null }[] = [];
let answer: () => Promise<HandlerAnswer> = async () => ({ did: "Seen." });
beforeAll(async () => {
  server = await startStripeServer({ environment: { STRIPE_WEBHOOK_BODY_LIMIT_BYTES: "4096" } });
  for (const type of ["test.happened", "v1.test.happened"])
    server.container.stripe.handlers.on(type, async ({ objectId }) => {
      handled.push({ type, objectId });
      return answer();
    });
});
afterAll(() => server?.stop());
beforeEach(() => {
  handled.length = 0;
  answer = async () => ({ did: "Seen." });
});

let count = 0;
function snapshot(overrides: Record<string, unknown> = {}): Record<string, unknown> & { id: string } {
  count += 1;
  const created = Math.floor(server.clock.now() / 1_000);
  const data = { object: { id: `obj_${count}`, object: "thing" } };
  return { id: `evt_${count}`, object: "event", type: "test.happened", created, livemode: false, data, ...overrides };
}

/** Posts a body as Stripe would: signed now with the right secret, unless told otherwise. */
async function post(
  event: unknown,
  how: { secret?: string; signedAt?: number; signature?: string; body?: string } = {},
): Promise<number> {
  const payload = typeof event === "string" ? event : JSON.stringify(event);
  const timestamp = Math.floor((how.signedAt ?? server.clock.now()) / 1_000);
  const secret = how.secret ?? server.secrets.webhook;
  const signature = how.signature ?? server.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const response = await fetch(`${server.url}/stripe/webhooks`, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body: how.body ?? payload,
  });
  await response.arrayBuffer();
  return response.status;
}

async function stored(id: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await server.container.database.query("SELECT * FROM stripe_webhook_event WHERE id = $1", [id]);
  return row;
}

async function refusals(): Promise<Record<string, number>> {
  await server.container.stripe.refusals.save();
  const rows = await server.container.database.query<{ reason: string; count: string }>(
    "SELECT reason, sum(refusal_count) AS count FROM stripe_webhook_refusal GROUP BY reason",
  );
  return Object.fromEntries(rows.map(({ reason, count: times }) => [reason, Number(times)]));
}

const drain = () => server.container.stripe.inbox?.work.drain();

describe("a webhook", () => {
  test("is stored and answered before it is worked", async () => {
    const event = snapshot();
    expect(await post(event)).toBe(200);
    expect(handled).toEqual([]);
    expect(await stored(event.id)).toMatchObject({ state: "WAITING", family: "SNAPSHOT", object_id: `obj_${count}` });
    await drain();
    expect(handled).toEqual([{ type: "test.happened", objectId: `obj_${count}` }]);
    expect(await stored(event.id)).toMatchObject({ state: "DONE", note: "Seen.", attempts: 1 });
  });

  test("that comes again is answered and only counted", async () => {
    const event = snapshot();
    for (let delivery = 0; delivery < 3; delivery += 1) expect(await post(event)).toBe(200);
    await drain();
    expect(await post(event)).toBe(200);
    await drain();
    expect(handled).toHaveLength(1);
    expect(await stored(event.id)).toMatchObject({ state: "DONE", deliveries: 4 });
  });

  test("that Stripe wrote twice, as two events, is worked once", async () => {
    const event = snapshot();
    await post(event);
    await post({ ...event, id: "evt_twin" });
    await drain();
    expect(handled).toHaveLength(1);
    expect(await stored("evt_twin")).toMatchObject({ state: "IGNORED", note: `The same as ${event.id}.` });
  });

  test("of another content, though of the same object and type, is another", async () => {
    const event = snapshot();
    await post(event);
    await post({ ...event, id: "evt_later", data: { object: { id: `obj_${count}`, changed: true } } });
    await drain();
    expect(handled).toHaveLength(2);
  });

  test("of a type that nobody works is recorded and ignored", async () => {
    const event = snapshot({ type: "test.unknown" });
    expect(await post(event)).toBe(200);
    await drain();
    expect(await stored(event.id)).toMatchObject({ state: "IGNORED", note: "Nothing here works this type." });
  });

  test("about an object that we do not know is recorded and ignored, with the reason", async () => {
    answer = async () => ({ ignored: "None of our customers." });
    const event = snapshot();
    await post(event);
    await drain();
    expect(await stored(event.id)).toMatchObject({ state: "IGNORED", note: "None of our customers." });
  });

  test("of the other mode is recorded and never worked", async () => {
    const event = snapshot({ livemode: true });
    expect(await post(event)).toBe(200);
    await drain();
    expect(handled).toEqual([]);
    expect(await stored(event.id)).toMatchObject({ state: "IGNORED", note: expect.stringContaining("Of live mode") });
  });

  test("whose work fails shows the error, is tried again, and staff can have it tried once more", async () => {
    const event = snapshot();
    answer = async () => {
      throw new Error("Stripe is away");
    };
    await post(event);
    await drain();
    expect(await stored(event.id)).toMatchObject({ state: "WAITING", attempts: 1, last_error: "Stripe is away" });
    for (let hour = 0; hour < 60; hour += 1) {
      server.clock.advance(3_600_000);
      await drain();
    }
    expect(await stored(event.id)).toMatchObject({ state: "FAILED", attempts: 11, due_at: null });
    answer = async () => ({ did: "At last." });
    const cookie = await server.signInStaff("webhooks@staff.test");
    const headers = { cookie, "x-meterline-app": "admin" };
    const retried = await server.ask(`mutation { retryStripeWebhookEvent(id: "${event.id}") { state attempts } }`, {
      headers,
    });
    expect(retried.data).toEqual({ retryStripeWebhookEvent: { state: "WAITING", attempts: 0 } });
    await drain();
    const log = await server.ask(
      "{ stripeWebhookEvents(state: DONE, first: 1) { nodes { id note lastError } pageInfo { hasNextPage } } }",
      { headers },
    );
    expect(log.data).toEqual({
      stripeWebhookEvents: {
        nodes: [{ id: expect.any(String), note: expect.any(String), lastError: null }],
        pageInfo: { hasNextPage: true },
      },
    });
    expect(await stored(event.id)).toMatchObject({ state: "DONE", note: "At last." });
  });

  test("of the thin family is signed with its own secret", async () => {
    const event = {
      id: "evt_thin",
      object: "v2.core.event",
      type: "v1.test.happened",
      livemode: false,
      created: new Date(server.clock.now()).toISOString(),
    };
    expect(await post(event)).toBe(400);
    expect(await post(event, { secret: server.secrets.event })).toBe(200);
    await drain();
    expect(handled).toEqual([{ type: "v1.test.happened", objectId: null }]);
  });
});

describe("what is refused is counted by its reason and not stored", () => {
  test("a signature of another secret, of another body, or none", async () => {
    const before = (await refusals())["BAD_SIGNATURE"] ?? 0;
    const event = snapshot();
    expect(await post(event, { secret: "whsec_wrong" })).toBe(400);
    expect(await post(event, { body: JSON.stringify({ ...event, type: "test.forged" }) })).toBe(400);
    expect(await post(event, { signature: "" })).toBe(400);
    expect(await post(event, { signature: "nonsense" })).toBe(400);
    expect((await refusals())["BAD_SIGNATURE"]).toBe(before + 4);
    expect(await stored(event.id)).toBeUndefined();
  });

  test("a signature older than 300 seconds; at 300 it is good", async () => {
    const event = snapshot();
    expect(await post(event, { signedAt: server.clock.now() - 301_000 })).toBe(400);
    expect((await refusals())["TOO_OLD"]).toBe(1);
    expect(await stored(event.id)).toBeUndefined();
    expect(await post(event, { signedAt: server.clock.now() - 300_000 })).toBe(200);
  });

  test("a body past the limit, whatever its signature", async () => {
    const event = snapshot({ padding: "x".repeat(5_000) });
    expect(await post(event)).toBe(413);
    expect((await refusals())["TOO_LARGE"]).toBe(1);
    expect(await stored(event.id)).toBeUndefined();
  });

  test("what is no event", async () => {
    for (const body of ["", "no JSON", "[]", '{"object":"invoice"}']) expect(await post(body || " ", {})).toBe(400);
    expect(await post({ object: "event", id: 7, type: "test.happened", created: 1 })).toBe(400);
    expect((await refusals())["NOT_AN_EVENT"]).toBe(5);
  });

  test("a flood writes one row a reason and hour, and staff see where the last came from", async () => {
    for (let forgery = 0; forgery < 30; forgery += 1) await post(snapshot(), { secret: "whsec_wrong" });
    await server.container.stripe.refusals.save();
    const rows = await server.container.database.query(
      "SELECT FROM stripe_webhook_refusal WHERE reason = 'BAD_SIGNATURE' AND last_at = $1",
      [new Date(server.clock.now())],
    );
    expect(rows).toHaveLength(1);
    const cookie = await server.signInStaff("refusals@staff.test");
    const seen = await server.ask("{ stripeWebhookRefusals(first: 1) { reason count lastAddress } }", {
      headers: { cookie, "x-meterline-app": "admin" },
    });
    expect(seen.data).toEqual({
      stripeWebhookRefusals: [{ reason: "BAD_SIGNATURE", count: expect.any(Number), lastAddress: "127.0.0.1" }],
    });
    const key = await server.makeKey("usage:read", "catalog:write");
    expect((await server.ask("{ stripeWebhookRefusals { count } }", { key })).code).toBe("FORBIDDEN");
  });
});

test("the sandbox's own webhooks arrive, signed, doubled and out of order", async () => {
  const eager = await startStripeServer({
    sandbox: { seed: 3, webhooks: { duplicateRate: 0.5, duplicateEventRate: 0.5, reorderRate: 0.5 } },
  });
  try {
    const created: (string | null)[] = [];
    eager.container.stripe.handlers.on("customer.created", async ({ objectId }) => {
      created.push(objectId);
      return { did: "Seen." };
    });
    const made: string[] = [];
    for (let index = 0; index < 12; index += 1) made.push((await eager.stripe.customers.create({})).id);
    for (let round = 0; round < 12; round += 1) {
      eager.clock.advance(1_000);
      await eager.settle();
    }
    expect(created.toSorted()).toEqual(made.toSorted());
    const sent = await eager.container.database.query<{ deliveries: string; events: string }>(
      "SELECT sum(deliveries) AS deliveries, count(*) AS events FROM stripe_webhook_event WHERE type = 'customer.created'",
    );
    expect(Number(sent[0]?.events)).toBeGreaterThan(12);
    expect(Number(sent[0]?.deliveries)).toBeGreaterThan(Number(sent[0]?.events));
  } finally {
    await eager.stop();
  }
});

test("what is done with is forgotten after the retention; what failed stays", async () => {
  const { database, stripe } = server.container;
  const [kept, gone] = [snapshot(), snapshot()];
  answer = async () => ({ did: "Seen." });
  await post(gone);
  await post(kept);
  await drain();
  await database.query("UPDATE stripe_webhook_event SET state = 'FAILED' WHERE id = $1", [kept.id]);
  server.clock.advance(91 * 86_400_000);
  await stripe.inbox?.forget(90);
  expect([await stored(gone.id), (await stored(kept.id))?.["state"]]).toEqual([undefined, "FAILED"]);
  expect(await refusals()).toEqual({});
});

test("without a secret for its family an event is refused, and says so to staff", async () => {
  const bare = await startStripeServer({ environment: { STRIPE_WEBHOOK_SECRET: "" } });
  try {
    const payload = JSON.stringify(snapshot());
    const signature = new Stripe("sk_test_x").webhooks.generateTestHeaderString({ payload, secret: "whsec_any" });
    const response = await fetch(`${bare.url}/stripe/webhooks`, {
      method: "POST",
      headers: { "stripe-signature": signature },
      body: payload,
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "No secret is set for this kind of event." },
    ]);
  } finally {
    await bare.stop();
  }
});
