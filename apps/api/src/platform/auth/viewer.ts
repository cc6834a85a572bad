/** What a key may do, as stored and as shown. */
export const apiKeyScopes = [
  "usage:write",
  "usage:backfill",
  "usage:read",
  "catalog:write",
  "customers:write",
] as const;

/** One permission of an API key. */
export type ApiKeyScope = (typeof apiKeyScopes)[number];

/** Who asks. A member belongs to exactly one customer. */
export type Viewer =
  | { kind: "MEMBER"; userId: string; name: string; email: string; customerId: string }
  | { kind: "STAFF"; userId: string; name: string; email: string }
  | { kind: "API_KEY"; keyId: string; name: string; scopes: ReadonlySet<ApiKeyScope> };

/** How the viewer is named in the audit log: kind and id, never a name that can change. */
export function actorOf(viewer: Viewer): string {
  return viewer.kind === "API_KEY" ? `api-key:${viewer.keyId}` : `${viewer.kind.toLowerCase()}:${viewer.userId}`;
}
