import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AuditLog } from "../../platform/audit/index.ts";
import { createSignIn, type Viewer } from "../../platform/auth/index.ts";
import { FrozenClock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { createLogger } from "../../platform/observability/index.ts";
import { openTestDatabase } from "../../platform/database/database.testing.ts";
import { CustomerEntity } from "./customer.entity.ts";
import { CustomerService } from "./customer.service.ts";
import { MemberEntity } from "./member.entity.ts";
import { MemberService } from "./member.service.ts";

const now = Date.parse("2026-11-23T09:00:00Z");
const clock = new FrozenClock(now);
const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const forgotten: string[] = [];
let database: Database;
let close: () => Promise<void>;
let customers: CustomerService;
let members: MemberService;

beforeAll(async () => {
  ({ database, close } = await openTestDatabase([CustomerEntity, MemberEntity]));
  const audit = new AuditLog(clock);
  customers = new CustomerService({ database, clock, audit, profiles: { changed: (id) => forgotten.push(id) } });
  const settings = { audience: "portal", secret: "a secret of the tests, 32 characters long" } as const;
  const publicUrl = "http://localhost:4400";
  const signIn = createSignIn({ ...settings, pool: database.pool, publicUrl, logger: createLogger("silent") });
  members = new MemberService({ database, clock, audit, signIn });
});
afterAll(() => close());

async function auditOf(id: string): Promise<string[]> {
  const rows = await database.query<{ action: string; actor: string }>(
    "SELECT action, actor FROM audit_entry WHERE subject = $1 ORDER BY action",
    [`customer:${id}`],
  );
  return rows.map((row) => `${row.actor} ${row.action}`);
}

const codeAndField = (code: string, field: string) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code, field }) });

describe("making a customer", () => {
  test("go-live is now, and the name is the external id, where they are left out", async () => {
    const made = await customers.create(staff, { externalId: "acme-1" });
    expect(made).toMatchObject({ externalId: "acme-1", name: "acme-1", currency: "USD", timeZone: "UTC", email: null });
    expect([made.goLiveAt, made.createdAt]).toEqual([now, now]);
    expect(await auditOf(made.id)).toEqual(["staff:s1 customer.create"]);
  });

  test("the same content again answers the same customer, later and with one audit entry", async () => {
    const content = {
      externalId: "acme-2",
      name: "Acme",
      currency: "JPY",
      timeZone: "Asia/Tokyo",
      email: "a@example.com",
    };
    const first = await customers.create(staff, { ...content, goLiveAt: "2026-01-01T00:00:00+09:00" });
    clock.advance(1_000);
    expect(await customers.create(staff, { ...content, goLiveAt: "2025-12-31T15:00:00Z" })).toEqual(first);
    expect(await customers.create(staff, content)).toEqual(first);
    expect(await auditOf(first.id)).toHaveLength(1);
    clock.set(now);
  });

  test.each([
    ["name", "Other"],
    ["currency", "EUR"],
    ["timeZone", "Europe/Paris"],
    ["email", "b@example.com"],
    ["goLiveAt", "2026-01-02T00:00:00Z"],
  ])("another %s is a conflict that names the field", async (field, value) => {
    const content = {
      externalId: `other-${field}`,
      name: "Acme",
      email: "a@example.com",
      goLiveAt: "2026-01-01T00:00:00Z",
    };
    await customers.create(staff, content);
    await expect(customers.create(staff, { ...content, [field]: value })).rejects.toEqual(
      codeAndField("CONFLICT", field),
    );
  });

  test("20 at once with one external id are one customer", async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => customers.create(staff, { externalId: "race" })));
    expect(new Set(made.map((customer) => customer.id)).size).toBe(1);
    expect(await auditOf(made[0]?.id ?? "")).toHaveLength(1);
  });

  test("what cannot be stored is refused and leaves nothing", async () => {
    await expect(customers.create(staff, { externalId: "bad", currency: "XXX" })).rejects.toEqual(
      codeAndField("BAD_USER_INPUT", "currency"),
    );
    expect(await customers.find(staff, { id: null, externalId: "bad" })).toBeNull();
  });
});

describe("changing a customer", () => {
  test("writes what differs, forgets the cached profile, and leaves a trail once", async () => {
    const { id } = await customers.create(staff, { externalId: "change", email: "a@example.com" });
    const change = { name: "Changed", timeZone: "Asia/Kolkata", email: null };
    const changed = await customers.update(staff, id, change);
    expect(changed).toMatchObject({ id, name: "Changed", timeZone: "Asia/Kolkata", email: null, currency: "USD" });
    expect(await customers.find(staff, { id, externalId: null })).toEqual(changed);
    expect(await customers.update(staff, id, change)).toEqual(changed);
    expect(await auditOf(id)).toEqual(["staff:s1 customer.create", "staff:s1 customer.update"]);
    expect(forgotten).toContain(id);
  });

  test("an unknown id and a text that is none are not found", async () => {
    for (const id of ["6b1f3c1e-0000-4000-8000-000000000000", "x"])
      await expect(customers.update(staff, id, { name: "x" })).rejects.toEqual(codeAndField("NOT_FOUND", "id"));
  });
});

describe("finding customers", () => {
  test("exactly one of the two ids is needed; what cannot exist is null, not an error", async () => {
    expect(() => customers.find(staff, { id: null, externalId: null })).toThrow("exactly one");
    expect(() => customers.find(staff, { id: "x", externalId: "y" })).toThrow("exactly one");
    expect(await customers.find(staff, { id: "x", externalId: null })).toBeNull();
    expect(await customers.find(staff, { id: null, externalId: "a\0b" })).toBeNull();
  });

  test("500 customers page without a gap or a repeat, in the order of names, also with equal names", async () => {
    const made: string[] = [];
    for (let index = 0; index < 500; index += 1) {
      const name =
        index % 7 === 0 ? "Paging Twin" : `Paging ${index % 2 === 0 ? "a" : "B"}${String(index).padStart(3, "0")}`;
      made.push((await customers.create(staff, { externalId: `page-${index}`, name })).id);
    }
    const seen: { id: string; name: string }[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const page: Awaited<ReturnType<CustomerService["list"]>> = await customers.list(staff, {
        search: "PAGING",
        first: 37,
        after,
      });
      expect(page.totalCount).toBe(500);
      seen.push(...page.nodes);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      pages += 1;
    } while (after !== null && pages < 20);
    expect(pages).toBe(14);
    expect(seen.map((one) => one.id).toSorted()).toEqual(made.toSorted());
    const names = seen.map((one) => one.name.toLowerCase());
    expect(names).toEqual(names.toSorted());
    expect(names.at(-1)).toBe("paging twin");
  });

  test("a search means its own characters, in name, external id, e-mail or whole id", async () => {
    const made = await customers.create(staff, {
      externalId: "needle_%1",
      name: "Straw",
      email: "find.me@example.com",
    });
    const find = async (search: string) => {
      const { nodes } = await customers.list(staff, { search, first: 10, after: null });
      return nodes.map((one) => one.id);
    };
    for (const search of ["NEEDLE_%", "find.me@", "  straw ", made.id]) expect(await find(search)).toEqual([made.id]);
    expect(await find("needleX")).toEqual([]);
    expect(await find("%")).toEqual([made.id]);
  });

  test("a cursor of another list and a search of 201 characters are refused", async () => {
    const list = (rest: object) => customers.list(staff, { search: null, first: 10, after: null, ...rest });
    const cursor = Buffer.from('["a","b"]').toString("base64url");
    for (const after of ["nonsense", cursor])
      await expect(list({ after })).rejects.toEqual(codeAndField("BAD_USER_INPUT", "after"));
    await expect(list({ search: "x".repeat(201) })).rejects.toEqual(codeAndField("BAD_USER_INPUT", "search"));
  });

  test("a page is read along the index on names", async () => {
    const rows = await database.transaction(async (transaction) => {
      await transaction.query("SET LOCAL enable_seqscan = off");
      return transaction.query<{ "QUERY PLAN": string }>(
        "EXPLAIN SELECT id FROM customer c WHERE lower(c.name) ~>=~ 'p' ORDER BY lower(c.name) USING ~<~, c.id LIMIT 50",
      );
    });
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("Index Scan using customer_name");
  });
});

describe("members", () => {
  test("see their own customer and learn nothing of others", async () => {
    const own = await customers.create(staff, { externalId: "own" });
    const other = await customers.create(staff, { externalId: "foreign" });
    await members.add(staff, { customerId: own.id, userId: "u1", role: "OWNER" });
    const viewer: Viewer = { kind: "MEMBER", userId: "u1", name: "M", email: "m@example.com", customerId: own.id };
    expect(await members.customerOfUser("u1")).toBe(own.id);
    expect(await members.customerOfUser("nobody")).toBeNull();
    expect(await customers.find(viewer, { id: own.id, externalId: null })).toEqual(own);
    expect(await customers.find(viewer, { id: other.id, externalId: null })).toBeNull();
    expect(await customers.find(viewer, { id: null, externalId: "foreign" })).toBeNull();
    const page = await customers.list(viewer, { search: null, first: 200, after: null });
    expect([page.totalCount, page.nodes.map((one) => one.id)]).toEqual([1, [own.id]]);
  });

  test("a person belongs to one customer, at any concurrency; adding again changes nothing", async () => {
    const one = await customers.create(staff, { externalId: "team-1" });
    const two = await customers.create(staff, { externalId: "team-2" });
    const add = (customerId: string) => members.add(staff, { customerId, userId: "u2", role: "VIEWER" });
    const outcomes = await Promise.allSettled([add(one.id), add(two.id), add(one.id), add(two.id)]);
    const home = await members.customerOfUser("u2");
    expect([one.id, two.id]).toContain(home);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused.map((outcome) => outcome.reason)).toEqual([
      codeAndField("CONFLICT", "userId"),
      codeAndField("CONFLICT", "userId"),
    ]);
    expect(await auditOf(home ?? "")).toContain("staff:s1 member.add");
  });

  test("row-level security shows a member no row of another customer, whatever the SQL asks", async () => {
    const own = await customers.create(staff, { externalId: "walled" });
    const ids = await database.asMember(own.id, (sql) => sql.query<{ id: string }>("SELECT id FROM customer"));
    expect(ids).toEqual([{ id: own.id }]);
    const people = await database.asMember(own.id, (sql) => sql.query("SELECT * FROM member"));
    expect(people).toEqual([]);
  });
});
