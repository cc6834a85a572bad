import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** A customer as it is read and shown. */
export type CustomerRecord = {
  id: string;
  externalId: string;
  name: string;
  currency: string;
  timeZone: string;
  email: string | null;
  goLiveAt: EpochMs;
  createdAt: EpochMs;
};

/** A place in the list: after the customer of this sort name and id. */
export type CustomerCursor = { sortName: string; id: string };

const columns = "c.id, c.external_id, c.name, c.currency, c.time_zone, c.email, c.go_live_at, c.created_at";

/** One customer by either id, or null. */
export async function findCustomer(
  sql: Sql,
  by: { id: string } | { externalId: string },
): Promise<CustomerRecord | null> {
  const [row] =
    "id" in by
      ? await sql.query<CustomerRow>(`SELECT ${columns} FROM customer c WHERE c.id = $1`, [by.id])
      : await sql.query<CustomerRow>(`SELECT ${columns} FROM customer c WHERE c.external_id = $1`, [by.externalId]);
  return row === undefined ? null : mapRow(row);
}

/**
 * Customers by name, at most `limit`, after the cursor. A search is part of the name, external id or e-mail, in any
 * case, or the whole id. The order is that of the index on names, so that a page costs the same at any depth.
 */
export async function listCustomers(
  sql: Sql,
  query: { search: string | null; after: CustomerCursor | null; limit: number },
): Promise<(CustomerRecord & { sortName: string })[]> {
  const rows = await sql.query<CustomerRow & { sort_name: string }>(
    `SELECT ${columns}, lower(c.name) AS sort_name FROM customer c
     WHERE ${matches}
       AND ($2::text IS NULL OR (lower(c.name) ~>=~ $2 AND (lower(c.name) ~>~ $2 OR c.id > $3::uuid)))
     ORDER BY lower(c.name) USING ~<~, c.id LIMIT $4`,
    [query.search, query.after?.sortName ?? null, query.after?.id ?? null, query.limit],
  );
  return rows.map((row) => ({ ...mapRow(row), sortName: row.sort_name }));
}

/** How many customers the search finds in all. */
export async function countCustomers(sql: Sql, search: string | null): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM customer c WHERE ${matches}`,
    [search],
  );
  return row?.count ?? 0;
}

// strpos takes the search as it is: % and _ mean themselves.
const matches = `($1::text IS NULL OR strpos(lower(c.name), lower($1)) > 0 OR strpos(lower(c.external_id), lower($1)) > 0
         OR strpos(lower(c.email), lower($1)) > 0 OR c.id::text = lower($1))`;

type CustomerRow = {
  id: string;
  external_id: string;
  name: string;
  currency: string;
  time_zone: string;
  email: string | null;
  go_live_at: Date;
  created_at: Date;
};

function mapRow(row: CustomerRow): CustomerRecord {
  return {
    id: row.id,
    externalId: row.external_id,
    name: row.name,
    currency: row.currency,
    timeZone: row.time_zone,
    email: row.email,
    goLiveAt: row.go_live_at.getTime(),
    createdAt: row.created_at.getTime(),
  };
}
