import { describe, expect, test } from "vitest";
import { CallerError } from "../graphql/errors.ts";
import { authorize, mayBackfill, type Need } from "./policy.ts";
import { type ApiKeyScope, actorOf, apiKeyScopes, type Viewer } from "./viewer.ts";

const own = "0b0d7e0a-0000-4000-8000-000000000001";
const other = "0b0d7e0a-0000-4000-8000-000000000002";
const member: Viewer = { kind: "MEMBER", userId: "m1", name: "Member", email: "m@example.com", customerId: own };
const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "s@example.com" };
const key = (...scopes: ApiKeyScope[]): Viewer => ({
  kind: "API_KEY",
  keyId: "k1",
  name: "Key",
  scopes: new Set(scopes),
});

function verdict(viewer: Viewer | null, need: Need): string {
  try {
    expect(authorize(viewer, need)).toBe(viewer);
    return "MAY";
  } catch (error) {
    if (error instanceof CallerError) return error.code;
    throw error;
  }
}

// Written out by hand, apart from the rules: who may, and with which one scope a key may.
const expected: { need: Need; member: string; staff: string; scopes: readonly ApiKeyScope[] }[] = [
  { need: { to: "READ_SELF" }, member: "MAY", staff: "MAY", scopes: apiKeyScopes },
  {
    need: { to: "READ_CUSTOMER", customerId: own },
    member: "MAY",
    staff: "MAY",
    scopes: ["usage:read", "customers:write"],
  },
  {
    need: { to: "READ_CUSTOMER", customerId: other },
    member: "NOT_FOUND",
    staff: "MAY",
    scopes: ["usage:read", "customers:write"],
  },
  { need: { to: "LIST_CUSTOMERS" }, member: "FORBIDDEN", staff: "MAY", scopes: ["customers:write"] },
  { need: { to: "WRITE_CUSTOMERS" }, member: "FORBIDDEN", staff: "MAY", scopes: ["customers:write"] },
  { need: { to: "RESET_MEMBERS" }, member: "FORBIDDEN", staff: "MAY", scopes: [] },
  { need: { to: "READ_USAGE", customerId: own }, member: "MAY", staff: "MAY", scopes: ["usage:read"] },
  { need: { to: "READ_USAGE", customerId: other }, member: "NOT_FOUND", staff: "MAY", scopes: ["usage:read"] },
  {
    need: { to: "CHECK_USAGE", customerId: own },
    member: "MAY",
    staff: "MAY",
    scopes: ["usage:read", "usage:write"],
  },
  {
    need: { to: "CHECK_USAGE", customerId: other },
    member: "NOT_FOUND",
    staff: "MAY",
    scopes: ["usage:read", "usage:write"],
  },
  { need: { to: "SET_LIMITS" }, member: "FORBIDDEN", staff: "MAY", scopes: ["customers:write"] },
  { need: { to: "OVERRIDE_LIMITS" }, member: "FORBIDDEN", staff: "MAY", scopes: [] },
  { need: { to: "WRITE_USAGE" }, member: "FORBIDDEN", staff: "FORBIDDEN", scopes: ["usage:write"] },
  { need: { to: "VOID_USAGE" }, member: "FORBIDDEN", staff: "MAY", scopes: ["usage:write"] },
  {
    need: { to: "READ_METERS" },
    member: "MAY",
    staff: "MAY",
    scopes: ["usage:write", "usage:read", "catalog:write", "customers:write"],
  },
  {
    need: { to: "READ_PLANS" },
    member: "FORBIDDEN",
    staff: "MAY",
    scopes: ["usage:read", "catalog:write", "customers:write"],
  },
  { need: { to: "WRITE_CATALOG" }, member: "FORBIDDEN", staff: "MAY", scopes: ["catalog:write"] },
  { need: { to: "MANAGE_BILLING", customerId: own }, member: "MAY", staff: "MAY", scopes: ["customers:write"] },
  { need: { to: "MANAGE_BILLING", customerId: other }, member: "NOT_FOUND", staff: "MAY", scopes: ["customers:write"] },
  { need: { to: "READ_STRIPE" }, member: "FORBIDDEN", staff: "MAY", scopes: [] },
  { need: { to: "WRITE_STRIPE" }, member: "FORBIDDEN", staff: "MAY", scopes: [] },
  { need: { to: "WRITE_ALERTS", customerId: own }, member: "MAY", staff: "MAY", scopes: ["customers:write"] },
  { need: { to: "WRITE_ALERTS", customerId: other }, member: "NOT_FOUND", staff: "MAY", scopes: ["customers:write"] },
  { need: { to: "MANAGE_API_KEYS" }, member: "FORBIDDEN", staff: "MAY", scopes: [] },
];

describe.each(expected)("$need.to $need.customerId", ({ need, ...who }) => {
  test("nobody is refused first", () => {
    expect(verdict(null, need)).toBe("UNAUTHENTICATED");
  });

  test(`a member: ${who.member}, staff: ${who.staff}`, () => {
    expect(verdict(member, need)).toBe(who.member);
    expect(verdict(staff, need)).toBe(who.staff);
  });

  test.each(apiKeyScopes)("a key with %s alone acts inside that scope only", (scope) => {
    expect(verdict(key(scope), need)).toBe(who.scopes.includes(scope) ? "MAY" : "FORBIDDEN");
  });

  test("every other scope together does not make up for the one that is needed", () => {
    const rest = apiKeyScopes.filter((scope) => !who.scopes.includes(scope));
    expect(verdict(key(...rest), need)).toBe(need.to === "READ_SELF" ? "MAY" : "FORBIDDEN");
  });
});

test("a refused key is told the scopes of which it needs one", () => {
  expect(() => authorize(key(), { to: "READ_PLANS" })).toThrow(
    "This API key needs the scope usage:read or catalog:write or customers:write.",
  );
  expect(() => authorize(key(...apiKeyScopes), { to: "MANAGE_API_KEYS" })).toThrow(
    "No API key may do this; staff may.",
  );
});

test("only a key with usage:backfill records what is older than 35 days", () => {
  expect(mayBackfill(key("usage:backfill"))).toBe(true);
  expect(mayBackfill(key("usage:write", "usage:read", "catalog:write", "customers:write"))).toBe(false);
  expect(mayBackfill(staff)).toBe(false);
  expect(mayBackfill(member)).toBe(false);
});

test("the audit log names a viewer by kind and id, never by a name", () => {
  expect([member, staff, key()].map(actorOf)).toEqual(["member:m1", "staff:s1", "api-key:k1"]);
});
