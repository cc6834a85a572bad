import { forbidden, notFound, unauthenticated } from "../graphql/errors.ts";
import type { ApiKeyScope, Viewer } from "./viewer.ts";

/** What a resolver is about to do. Adding a kind of access starts with a line here. */
export type Need =
  | { to: "READ_SELF" }
  | { to: "READ_CUSTOMER"; customerId: string }
  | { to: "LIST_CUSTOMERS" }
  | { to: "WRITE_CUSTOMERS" }
  | { to: "RESET_MEMBERS" }
  | { to: "READ_USAGE"; customerId: string }
  | { to: "CHECK_USAGE"; customerId: string }
  | { to: "WRITE_USAGE" }
  | { to: "VOID_USAGE" }
  | { to: "READ_METERS" }
  | { to: "READ_PLANS" }
  | { to: "WRITE_CATALOG" }
  | { to: "MANAGE_BILLING"; customerId: string }
  | { to: "READ_STRIPE" }
  | { to: "WRITE_STRIPE" }
  | { to: "SET_LIMITS" }
  | { to: "OVERRIDE_LIMITS" }
  | { to: "WRITE_ALERTS"; customerId: string }
  | { to: "MANAGE_API_KEYS" };

type Rule = {
  /** May a member? OWN: where the need names the member's own customer. */
  member: "ANY" | "OWN" | "NO";
  staff: boolean;
  /** A key needs one of these; ANY is every key that is not revoked. */
  scopes: "ANY" | readonly ApiKeyScope[];
};

const rules: Record<Need["to"], Rule> = {
  READ_SELF: { member: "ANY", staff: true, scopes: "ANY" },
  READ_CUSTOMER: { member: "OWN", staff: true, scopes: ["customers:write", "usage:read"] },
  LIST_CUSTOMERS: { member: "NO", staff: true, scopes: ["customers:write"] },
  WRITE_CUSTOMERS: { member: "NO", staff: true, scopes: ["customers:write"] },
  // Takes a sign-in over from whoever had it; a person answers for it.
  RESET_MEMBERS: { member: "NO", staff: true, scopes: [] },
  READ_USAGE: { member: "OWN", staff: true, scopes: ["usage:read"] },
  // A backend that records usage may ask first whether there is room for it.
  CHECK_USAGE: { member: "OWN", staff: true, scopes: ["usage:read", "usage:write"] },
  WRITE_USAGE: { member: "NO", staff: false, scopes: ["usage:write"] },
  VOID_USAGE: { member: "NO", staff: true, scopes: ["usage:write"] },
  READ_METERS: {
    member: "ANY",
    staff: true,
    scopes: ["usage:read", "usage:write", "catalog:write", "customers:write"],
  },
  // Plans may hold prices agreed with another customer, so members see only the one they are on, through it.
  READ_PLANS: { member: "NO", staff: true, scopes: ["usage:read", "catalog:write", "customers:write"] },
  WRITE_CATALOG: { member: "NO", staff: true, scopes: ["catalog:write"] },
  // Links into Stripe's pages, where a customer pays, cancels and sees its cards.
  MANAGE_BILLING: { member: "OWN", staff: true, scopes: ["customers:write"] },
  // What is told to Stripe and by it: ids of every customer, and money.
  READ_STRIPE: { member: "NO", staff: true, scopes: [] },
  WRITE_STRIPE: { member: "NO", staff: true, scopes: [] },
  SET_LIMITS: { member: "NO", staff: true, scopes: ["customers:write"] },
  // An override loosens what the plan holds to; a person answers for it.
  OVERRIDE_LIMITS: { member: "NO", staff: true, scopes: [] },
  // What a customer is told of, and where; among its members only owners change it.
  WRITE_ALERTS: { member: "OWN", staff: true, scopes: ["customers:write"] },
  // A key that could make keys could give itself every scope.
  MANAGE_API_KEYS: { member: "NO", staff: true, scopes: [] },
};

/**
 * The first wall, and the only place that decides who may do what. Answers the viewer, now known to be there, or throws
 * UNAUTHENTICATED, FORBIDDEN, or NOT_FOUND where a refusal would tell a member that another customer exists.
 */
export function authorize(viewer: Viewer | null, need: Need): Viewer {
  if (viewer === null) throw unauthenticated();
  const rule = rules[need.to];
  if (viewer.kind === "STAFF") {
    if (!rule.staff) throw forbidden("Staff may not do this; an API key may.");
    return viewer;
  }
  if (viewer.kind === "API_KEY") {
    if (rule.scopes === "ANY" || rule.scopes.some((scope) => viewer.scopes.has(scope))) return viewer;
    throw forbidden(
      rule.scopes.length === 0
        ? "No API key may do this; staff may."
        : `This API key needs the scope ${rule.scopes.join(" or ")}.`,
    );
  }
  if (rule.member === "NO") throw forbidden("Members may not do this.");
  if (rule.member === "OWN" && !("customerId" in need && need.customerId === viewer.customerId))
    throw notFound("There is no such customer.");
  return viewer;
}

/** May this viewer record events older than the 35 days that `recordUsage` takes? */
export const mayBackfill = (viewer: Viewer): boolean =>
  viewer.kind === "API_KEY" && viewer.scopes.has("usage:backfill");
