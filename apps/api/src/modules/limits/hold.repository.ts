import {
  type Decimal,
  decimal,
  type EpochMs,
  formatDecimal,
  type Hold,
  type UsageProperties,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type Column, columnStatement, instantText, type ReadyStatement } from "../usage/index.ts";
import { expireHoldsSql } from "./limit-facts.sql.ts";

/** A reservation or a lease as it is stored. */
export type HoldRecord = Hold & {
  id: string;
  customerId: string;
  meterId: string;
  overshoot: Decimal;
  properties: UsageProperties | null;
  dimensionKey: string | null;
  /** The moment that its usage counts as of. */
  heldAt: EpochMs;
  idempotencyKey: string;
  contentHash: string;
  eventId: string | null;
};

/** Writes EXPIRED on holds whose time is up. Under the limit lock, before any unit is given away. */
export async function expireHolds(sql: Sql, customerIds: readonly string[], now: EpochMs): Promise<void> {
  await sql.query(expireHoldsSql.text, [customerIds, instantText(now)], expireHoldsSql.name);
}

/** Holds by customer and id; what is not there is left out. */
export async function findHolds(
  sql: Sql,
  wanted: ReadonlyArray<{ customerId: string; id: string }>,
): Promise<HoldRecord[]> {
  if (wanted.length === 0) return [];
  const rows = await sql.query<Row>(
    `SELECT h.* FROM unnest($1::uuid[], $2::uuid[]) AS w (customer_id, id)
     JOIN usage_hold h ON h.customer_id = w.customer_id AND h.id = w.id`,
    [wanted.map((one) => one.customerId), wanted.map((one) => one.id)],
    "find_usage_holds",
  );
  return rows.map(mapRow);
}

/** A customer's latest holds, of any state. */
export async function latestHolds(sql: Sql, customerId: string): Promise<HoldRecord[]> {
  const rows = await sql.query<Row>(
    "SELECT * FROM usage_hold WHERE customer_id = $1 ORDER BY held_at DESC, id LIMIT 200",
    [customerId],
  );
  return rows.map(mapRow);
}

/** In how many holds units of a meter are held now. */
export async function countHolds(sql: Sql, of: { customerId: string; meterId: string; now: EpochMs }): Promise<number> {
  const [row] = await sql.query<{ holds: string }>(
    `SELECT count(*) AS holds FROM usage_hold
     WHERE customer_id = $1 AND meter_id = $2 AND state = 'HELD' AND expires_at > $3`,
    [of.customerId, of.meterId, instantText(of.now)],
  );
  return Number(row?.holds ?? 0);
}

export async function insertHold(sql: Sql, hold: HoldRecord, createdBy: string): Promise<void> {
  await sql.query(
    `INSERT INTO usage_hold (customer_id, id, kind, state, meter_id, quantity, properties, dimension_key, held_at,
       expires_at, idempotency_key, content_hash, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      hold.customerId,
      hold.id,
      hold.kind,
      hold.state,
      hold.meterId,
      formatDecimal(hold.quantity),
      hold.properties === null ? null : JSON.stringify(hold.properties),
      hold.dimensionKey,
      instantText(hold.heldAt),
      instantText(hold.expiresAt),
      hold.idempotencyKey,
      hold.contentHash,
      createdBy,
    ],
  );
}

/** Gives back what a hold still holds. One that has ended some other way stays as it is. */
export async function releaseHold(sql: Sql, of: { customerId: string; id: string; now: EpochMs }): Promise<void> {
  await sql.query(
    `UPDATE usage_hold SET state = 'RELEASED', settled_at = $3 WHERE customer_id = $1 AND id = $2 AND state = 'HELD'`,
    [of.customerId, of.id, instantText(of.now)],
  );
}

const holdColumns: readonly Column<HoldRecord>[] = [
  { plain: (hold) => hold.customerId },
  { plain: (hold) => hold.id },
  { plain: (hold) => hold.state },
  { plain: (hold) => formatDecimal(hold.drawn) },
  { plain: (hold) => formatDecimal(hold.overshoot) },
  { plain: (hold) => hold.eventId },
];

/** The statement that writes holds as recording under them left them; null for none. */
export function writeHolds(holds: readonly HoldRecord[], now: EpochMs): ReadyStatement | null {
  if (holds.length === 0) return null;
  const statement = columnStatement(
    {
      name: "write_usage_holds",
      text: `
        UPDATE usage_hold h SET state = n.state, drawn = n.drawn, overshoot = n.overshoot, event_id = n.event_id,
          settled_at = CASE WHEN n.state = 'COMMITTED' THEN $7::timestamptz ELSE h.settled_at END
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::numeric[], $5::numeric[], $6::uuid[])
          AS n (customer_id, id, state, drawn, overshoot, event_id)
        WHERE h.customer_id = n.customer_id AND h.id = n.id`,
    },
    holds,
    holdColumns,
  );
  return { ...statement, values: [...statement.values, instantText(now)] };
}

type Row = {
  customer_id: string;
  id: string;
  kind: HoldRecord["kind"];
  state: HoldRecord["state"];
  meter_id: string;
  quantity: string;
  drawn: string;
  overshoot: string;
  properties: UsageProperties | null;
  dimension_key: string | null;
  held_at: Date;
  expires_at: Date;
  idempotency_key: string;
  content_hash: string;
  event_id: string | null;
};

function mapRow(row: Row): HoldRecord {
  return {
    id: row.id,
    customerId: row.customer_id,
    kind: row.kind,
    state: row.state,
    meterId: row.meter_id,
    quantity: decimal(row.quantity),
    drawn: decimal(row.drawn),
    overshoot: decimal(row.overshoot),
    properties: row.properties,
    dimensionKey: row.dimension_key,
    heldAt: row.held_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    idempotencyKey: row.idempotency_key,
    contentHash: row.content_hash,
    eventId: row.event_id,
  };
}
