import type { Sql } from "../database/index.ts";
import type { Viewer } from "./viewer.ts";

/** What somebody is known by: a row that may end while they are connected. */
export type Credential = { kind: "PORTAL_SESSION" | "ADMIN_SESSION" | "API_KEY"; id: string };

/** Who somebody is, and by what. */
export type Identity = { viewer: Viewer; credential: Credential };

/** Identities that are looked up in one query. */
const chunkSize = 1_000;

/**
 * Which of these no longer hold at `now`: a session that ended or was signed out, a member who was removed or moved to
 * another customer, a key that was revoked. Always from the database, never from a cache; a query for a thousand of them.
 */
export async function endedIdentities(
  sql: Sql,
  identities: readonly Identity[],
  now: number,
): Promise<ReadonlySet<Identity>> {
  const ended = new Set<Identity>();
  for (const [kind, some] of Map.groupBy(identities, (identity) => identity.credential.kind)) {
    for (let from = 0; from < some.length; from += chunkSize) {
      const chunk = some.slice(from, from + chunkSize);
      const ids = [...new Set(chunk.map((identity) => identity.credential.id))];
      const rows = await sql.query<{ id: string; held: string }>(standing[kind], [ids, new Date(now)]);
      const held = new Map(rows.map((row) => [row.id, row.held]));
      for (const identity of chunk)
        if (held.get(identity.credential.id) !== heldBy(identity.viewer)) ended.add(identity);
    }
  }
  return ended;
}

/** What must be the same as when the viewer came: the customer of a member, the person, the scopes of a key. */
function heldBy(viewer: Viewer): string {
  if (viewer.kind === "MEMBER") return viewer.customerId;
  if (viewer.kind === "STAFF") return viewer.userId;
  return [...viewer.scopes].toSorted().join(" ");
}

const standing: Record<Credential["kind"], string> = {
  PORTAL_SESSION: `SELECT s.id, m.customer_id::text AS held
    FROM auth_portal."session" s JOIN member m ON m.user_id = s."userId"
    WHERE s.id = ANY ($1::text[]) AND s."expiresAt" > $2`,
  ADMIN_SESSION: `SELECT s.id, s."userId" AS held FROM auth_admin."session" s
    WHERE s.id = ANY ($1::text[]) AND s."expiresAt" > $2`,
  API_KEY: `SELECT k.id::text AS id, (SELECT coalesce(string_agg(scope, ' ' ORDER BY scope COLLATE "C"), '')
      FROM unnest(k.scopes) scope) AS held
    FROM api_key k WHERE k.id = ANY ($1::uuid[]) AND (k.revoked_at IS NULL OR k.revoked_at > $2)`,
};
