import { waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestSystem, type TestSystem, testNow } from "../../testing/test-system.ts";
import { AuditLog } from "../audit/index.ts";
import { createLogger } from "../observability/index.ts";
import { ApiKeyService } from "./api-key.service.ts";
import type { Viewer } from "./viewer.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

function service(cacheMs: number): ApiKeyService {
  const { clock, container } = system;
  return new ApiKeyService({
    database: container.database,
    clock,
    audit: new AuditLog(clock),
    logger: createLogger("silent"),
    cacheMs,
  });
}

async function row(id: string): Promise<Record<string, unknown> | undefined> {
  const [found] = await system.container.database.query("SELECT * FROM api_key WHERE id = $1", [id]);
  return found;
}

describe("a new key", () => {
  test("is 32 random bytes, stored only as a hash, and in the trail without its secret", async () => {
    const { apiKey, secret } = await service(0).create(staff, {
      name: " Shop ",
      scopes: ["usage:write", "usage:write"],
    });
    expect(secret).toMatch(/^ml_[A-Za-z0-9_-]{43}$/);
    expect(apiKey).toMatchObject({ name: "Shop", prefix: secret.slice(0, 10), scopes: ["usage:write"] });
    expect(JSON.stringify(await row(apiKey.id))).not.toContain(secret.slice(10));
    const trail = await system.container.database.query(
      "SELECT actor, action, detail FROM audit_entry WHERE subject = $1",
      [`api-key:${apiKey.id}`],
    );
    expect(trail).toEqual([
      {
        actor: "staff:s1",
        action: "api-key.create",
        detail: { name: "Shop", prefix: apiKey.prefix, scopes: ["usage:write"] },
      },
    ]);
  });

  test.each([
    ["", "no name"],
    ["   ", "blanks"],
    ["x".repeat(201), "201 characters"],
    ["a\0b", "NUL"],
  ])("%j is no name", async (name) => {
    const refused = service(0).create(staff, { name, scopes: ["usage:read"] });
    await expect(refused).rejects.toMatchObject({ code: "BAD_USER_INPUT", extensions: { field: "name" } });
  });

  test("takes a name of 200 characters, and at least one scope", async () => {
    const keys = service(0);
    await expect(keys.create(staff, { name: "x".repeat(200), scopes: ["usage:read"] })).resolves.toBeDefined();
    await expect(keys.create(staff, { name: "none", scopes: [] })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      extensions: { field: "scopes" },
    });
  });
});

describe("a key that is sent", () => {
  test("is its holder with its scopes; another of the same form, and any other text, is nobody", async () => {
    const keys = service(0);
    const { apiKey, secret } = await keys.create(staff, { name: "Known", scopes: ["usage:read", "usage:write"] });
    expect(await keys.authenticate(secret)).toEqual({
      kind: "API_KEY",
      keyId: apiKey.id,
      name: "Known",
      scopes: new Set(["usage:read", "usage:write"]),
    });
    const last = secret.endsWith("A") ? "B" : "A";
    for (const wrong of [`${secret.slice(0, -1)}${last}`, secret.slice(3), `${secret}A`, "", apiKey.prefix])
      expect(await keys.authenticate(wrong)).toBeNull();
  });

  test("revoked in another process still counts for 9,999 ms of the cache's 10,000, and then no more", async () => {
    const here = service(10_000);
    const { apiKey, secret } = await here.create(staff, { name: "Revoked", scopes: ["usage:read"] });
    expect(await here.authenticate(secret)).not.toBeNull();
    await service(10_000).revoke(staff, apiKey.id);
    system.clock.advance(9_999);
    expect(await here.authenticate(secret)).not.toBeNull();
    system.clock.advance(2);
    expect(await here.authenticate(secret)).toBeNull();
    system.clock.set(testNow);
  });

  test("its last use is noted at most once a minute", async () => {
    const keys = service(0);
    const { apiKey, secret } = await keys.create(staff, { name: "Used", scopes: ["usage:read"] });
    const lastUsedAt = async () => ((await row(apiKey.id))?.["last_used_at"] as Date | null)?.getTime();
    await keys.authenticate(secret);
    await waitUntil(async () => (await lastUsedAt()) === testNow);
    system.clock.advance(59_999);
    await keys.authenticate(secret);
    expect(await lastUsedAt()).toBe(testNow);
    system.clock.advance(1);
    await keys.authenticate(secret);
    await waitUntil(async () => (await lastUsedAt()) === testNow + 60_000);
    system.clock.set(testNow);
  });
});

describe("revoking", () => {
  test("counts at once where it was done; again, it changes nothing and leaves one entry in the trail", async () => {
    const keys = service(10_000);
    const { apiKey, secret } = await keys.create(staff, { name: "Ended", scopes: ["usage:read"] });
    await keys.authenticate(secret);
    const first = await keys.revoke(staff, apiKey.id);
    expect(await keys.authenticate(secret)).toBeNull();
    system.clock.advance(5_000);
    const again = await keys.revoke(staff, apiKey.id);
    system.clock.set(testNow);
    expect([first.revokedAt, again.revokedAt]).toEqual([new Date(testNow), new Date(testNow)]);
    const trail = await system.container.database.query(
      "SELECT count(*) AS entries FROM audit_entry WHERE subject = $1 AND action = 'api-key.revoke'",
      [`api-key:${apiKey.id}`],
    );
    expect(trail).toEqual([{ entries: "1" }]);
  });

  test.each(["0b0d7e0a-0000-4000-8000-00000000dead", "no uuid"])("%s is not found", async (id) => {
    await expect(service(0).revoke(staff, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
