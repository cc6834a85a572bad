import { UsageClient, UsageLimits, UsageLimitsError } from "@meterline/usage-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

let server: TestServer;
let limits: UsageLimits;
let client: UsageClient;

beforeAll(async () => {
  server = await startTestServer();
  const apiKey = await server.makeKey("usage:write");
  const { id } = await server.container.customers.create(null, { externalId: "acme" });
  await server.container.limiting.limits.set(null, id, { policy: "HARD", meterKey: "units", quantity: "10" });
  const options = { url: server.url, apiKey, initialBackoffMs: 1, maxBackoffMs: 5 };
  limits = new UsageLimits(options);
  client = new UsageClient({ ...options, maxAgeMs: 1 });
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const acme = { externalCustomerId: "acme", meterKey: "units" };

describe("usage-client against the API", () => {
  test("checks, reserves, commits less, and the rest is free", async () => {
    expect(await limits.check({ ...acme, quantity: "10" })).toMatchObject({
      policy: "HARD",
      state: "OK",
      remaining: "10",
    });
    const held = await limits.reserve({ ...acme, quantity: "8" });
    if (!held.held) throw new Error(held.rejection.message);
    expect(await limits.check({ ...acme, quantity: "3" })).toMatchObject({ state: "BLOCKED", reserved: "8" });
    expect(await limits.reserve({ ...acme, quantity: "3" })).toMatchObject({
      held: false,
      rejection: { code: "LIMIT_REACHED" },
      limit: { state: "BLOCKED", remaining: "2" },
    });
    const commit = { externalCustomerId: "acme", reservationId: held.hold.id, quantity: "1" };
    expect(await limits.commit(commit)).toEqual({ outcome: "RECORDED" });
    expect(await limits.commit(commit)).toEqual({ outcome: "DUPLICATE" });
    expect(await limits.check(acme)).toMatchObject({ used: "1", reserved: "0", remaining: "9" });
  });

  test("leases units, decides here, and what is recorded draws the lease down", async () => {
    const leased = await limits.lease({ ...acme, quantity: "5", ttlSeconds: 600 });
    if (!leased.held) throw new Error(leased.rejection.message);
    const lease = leased.hold;
    const events = [lease.use({ quantity: "2" }), lease.use({ quantity: "3" }), lease.use()];
    expect(events[2]).toBeNull();
    const outcomes = await Promise.all(
      events.flatMap((event) => (event === null ? [] : [client.recordAndWait(event)])),
    );
    expect(outcomes).toEqual([{ outcome: "RECORDED" }, { outcome: "RECORDED" }]);
    expect(await limits.check(acme)).toMatchObject({ used: "6", reserved: "0", remaining: "4" });
    await lease.release();
  });

  test("a question that the API refuses is an error with its kind; one that is never answered is retryable", async () => {
    await expect(limits.check({ externalCustomerId: "nobody", meterKey: "units" })).rejects.toMatchObject({
      kind: "CONTENT",
      code: "NOT_FOUND",
    });
    const away = new UsageLimits({ url: "http://127.0.0.1:1", apiKey: "ml_x", initialBackoffMs: 1, maxBackoffMs: 2 });
    const failure = await away.check(acme).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageLimitsError);
    expect(failure).toMatchObject({ kind: "RETRYABLE", code: "NETWORK" });
  });
});
