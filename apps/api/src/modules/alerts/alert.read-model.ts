import type { AlertKind } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { MeterRow } from "../catalog/index.ts";
import { type AlertRecord, type AlertRow, alertColumns, mapAlertRow } from "./alert.record.ts";

/** Which alerts a list asks for. `before` is a sequence, exclusive. */
export type AlertFilter = {
  customerId: string;
  kind: AlertKind | null;
  meterId: string | null;
  before: string | null;
  limit: number;
};

/** A customer's alerts, latest first. */
export async function listAlerts(sql: Sql, filter: AlertFilter, meters: readonly MeterRow[]): Promise<AlertRecord[]> {
  const rows = await sql.query<AlertRow>(
    `SELECT ${alertColumns} FROM alert
     WHERE customer_id = $1 AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR meter_id = $3)
       AND ($4::bigint IS NULL OR sequence < $4)
     ORDER BY sequence DESC LIMIT $5`,
    [filter.customerId, filter.kind, filter.meterId, filter.before, filter.limit],
    "list_alerts",
  );
  return mapRows(rows, meters);
}

/**
 * The alerts that follow `after` (a sequence, exclusive), oldest first. Read again with the last sequence of what it
 * answered: nothing is missed, since a number is visible only after every smaller one.
 */
export async function alertsAfter(
  sql: Sql,
  of: { customerId: string; after: string; limit: number },
  meters: readonly MeterRow[],
): Promise<AlertRecord[]> {
  const rows = await sql.query<AlertRow>(
    `SELECT ${alertColumns} FROM alert WHERE customer_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    [of.customerId, of.after, of.limit],
    "alerts_after",
  );
  return mapRows(rows, meters);
}

/** The sequence of a customer's latest alert; "0" before the first. */
export async function lastAlertSequence(sql: Sql, customerId: string): Promise<string> {
  const [row] = await sql.query<{ last: string | null }>(
    "SELECT max(sequence) AS last FROM alert WHERE customer_id = $1",
    [customerId],
    "last_alert_sequence",
  );
  return row?.last ?? "0";
}

/** Where each of several readers stands; `after` as in {@link alertsAfter}. */
export type AlertPosition = { customerId: string; after: string };

/**
 * What follows each of these positions, in one query: by customer, then oldest first, at most `limit` together. Meters are
 * asked for only when there is something: it is read very often, and there seldom is.
 */
export async function alertsAfterEach(
  sql: Sql,
  positions: readonly AlertPosition[],
  limit: number,
  meters: () => Promise<readonly MeterRow[]>,
): Promise<AlertRecord[]> {
  const columns = alertColumns.replaceAll(/\b[a-z_]+\b/g, (column) => `a.${column}`);
  const rows = await sql.query<AlertRow>(
    `SELECT ${columns} FROM alert a
     JOIN unnest($1::uuid[], $2::bigint[]) AS w (customer_id, after)
       ON a.customer_id = w.customer_id AND a.sequence > w.after
     ORDER BY a.customer_id, a.sequence LIMIT $3`,
    [positions.map((one) => one.customerId), positions.map((one) => one.after), limit],
    "alerts_after_each",
  );
  return rows.length === 0 ? [] : mapRows(rows, await meters());
}

/** The last sequence given to each of these customers; those without an alert are absent. */
export async function lastAlertSequences(sql: Sql, customerIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql.query<{ customer_id: string; last_sequence: string }>(
    "SELECT customer_id, last_sequence FROM alert_sequence WHERE customer_id = ANY ($1::uuid[])",
    [customerIds],
    "last_alert_sequences",
  );
  return new Map(rows.map((row) => [row.customer_id, row.last_sequence]));
}

function mapRows(rows: readonly AlertRow[], meters: readonly MeterRow[]): AlertRecord[] {
  const byId = new Map(meters.map((meter) => [meter.id, meter]));
  return rows.map((row) => mapAlertRow(row, byId));
}

/** Alerts by their ids; those that are not there are absent. Their meters are named by id alone. */
export async function alertsByIds(
  sql: Sql,
  ids: readonly { customerId: string; id: string }[],
): Promise<Map<string, AlertRecord>> {
  if (ids.length === 0) return new Map();
  const columns = alertColumns.replaceAll(/\b[a-z_]+\b/g, (column) => `a.${column}`);
  const rows = await sql.query<AlertRow>(
    `SELECT ${columns} FROM unnest($1::uuid[], $2::uuid[]) AS w (customer_id, id)
     JOIN alert a ON a.customer_id = w.customer_id AND a.id = w.id`,
    [ids.map((one) => one.customerId), ids.map((one) => one.id)],
    "alerts_by_ids",
  );
  return new Map(mapRows(rows, []).map((alert) => [alert.id, alert]));
}
