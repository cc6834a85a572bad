import type { ApiKeyScope } from "../../gql/graphql.ts";

/** Each scope as it stands in the documentation, and what it lets a holder do. */
export const SCOPES: readonly { readonly scope: ApiKeyScope; readonly name: string; readonly words: string }[] = [
  { scope: "USAGE_WRITE", name: "usage:write", words: "Record usage of the last 35 days" },
  { scope: "USAGE_BACKFILL", name: "usage:backfill", words: "Record usage older than 35 days" },
  { scope: "USAGE_READ", name: "usage:read", words: "Read usage, series, events and bills" },
  { scope: "CATALOG_WRITE", name: "catalog:write", words: "Change meters and plans" },
  { scope: "CUSTOMERS_WRITE", name: "customers:write", words: "Create and change customers and subscriptions" },
];

/** The documented name of a scope. */
export function scopeName(scope: ApiKeyScope): string {
  return SCOPES.find((each) => each.scope === scope)?.name ?? scope;
}
