import { type FieldPolicy, InMemoryCache } from "@apollo/client";

/** Entities are shared between queries by id; computed figures (a bill, a series) belong to the query that asked. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      // A limit of a plan has the same id for every customer on it, and stands elsewhere for each.
      Limit: { keyFields: false },
      AlertRule: { keyFields: false },
      Member: { keyFields: ["userId"] },
      Plan: { keyFields: ["key"] },
      Viewer: { keyFields: [] },
      Query: {
        fields: {
          usageEvents: keysetPages(["customerId", "externalCustomerId", "meterKey", "from", "to", "idempotencyKey"]),
          alerts: keysetPages(["customerId", "externalCustomerId", "kind", "meterKey", "first"]),
          statements: keysetPages(["customerId", "externalCustomerId"]),
          customers: keysetPages(["search"]),
          meterReportsForAttention: keysetPages(["customerId", "states"]),
          discrepancies: keysetPages(["customerId", "statementId", "unsettled"]),
          stripeWebhookEvents: keysetPages(["state", "type"]),
        },
      },
    },
  });
}

type Page = { readonly nodes: readonly unknown[] };

/** Pages of a list that differ only in their cursor are one list; a page without a cursor begins it anew. */
function keysetPages(filterArguments: string[]): FieldPolicy<Page> {
  return {
    keyArgs: filterArguments,
    merge(existing, incoming, { args }) {
      if (args?.["after"] == null || existing === undefined) return incoming;
      return { ...incoming, nodes: [...existing.nodes, ...incoming.nodes] };
    },
  };
}
