import {
  DAY_MS,
  decimal,
  type EpochMs,
  formatDecimal,
  type LimitTally,
  limitPeriodOf,
  type UnitTally,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import { type Column, columnStatement, instantText, type ReadyStatement } from "../usage/index.ts";
import { counterFactsSql, recountCounterSql, recountLifetimeSql, writeCountersSql } from "./limit-facts.sql.ts";
import { scopeColumns, tallyKey, type TallyRequest } from "./tally-request.ts";

type CounterRow = { n: number; used: string | null; is_there: boolean; held: string };

/**
 * The tallies of limits that have counters. A counter that is not there is counted from events: whoever decides by it
 * holds the customer's limit lock and writes it in the same transaction, and whoever only reads need not.
 */
export async function readCounters(
  sql: Sql,
  requests: readonly TallyRequest[],
  now: EpochMs,
): Promise<Map<string, UnitTally>> {
  if (requests.length === 0) return new Map();
  const rows = await sql.query<CounterRow>(
    counterFactsSql.text,
    [
      ...scopeColumns(requests),
      instantText(now),
      requests.map((request) => limitPeriodOf(request.limit.definition)),
      requests.map((request) => request.limit.definition.property?.name ?? ""),
      requests.map((request) => request.limit.definition.property?.value ?? ""),
    ],
    counterFactsSql.name,
  );
  const tallies = new Map<string, UnitTally>();
  for (const row of rows) {
    const request = requests[row.n];
    invariant(request, "a counter was asked for");
    const used = row.is_there ? row.used : await recountCounter(sql, request);
    tallies.set(tallyKey(request), {
      kind: "UNITS",
      limit: request.limit,
      window: request.window,
      used: used === null ? null : decimal(used),
      held: decimal(row.held),
      latestAt: null,
      seen: new Set(),
    });
  }
  return tallies;
}

/** A counter as events give it. */
export async function recountCounter(sql: Sql, request: TallyRequest): Promise<string | null> {
  const { profile, meter, window, limit } = request;
  invariant(meter, "a counter has a meter");
  const { property } = limit.definition;
  const isLifetime = property === undefined && limitPeriodOf(limit.definition) === "LIFETIME";
  const [row] = isLifetime
    ? await sql.query<{ used: string | null }>(recountLifetimeSql, [profile.customerId, meter.id])
    : await sql.query<{ used: string | null }>(recountCounterSql, [
        profile.customerId,
        meter.id,
        instantText(window.startAt),
        instantText(window.endAt),
        property?.name ?? "",
        property?.value ?? "",
      ]);
  return row?.used ?? null;
}

type Counter = { request: TallyRequest; tally: LimitTally };

const counterColumns: readonly Column<Counter>[] = [
  { plain: ({ request }: Counter) => request.profile.customerId },
  { plain: ({ request }: Counter) => request.meter?.id ?? null },
  { plain: ({ request }: Counter) => limitPeriodOf(request.limit.definition) },
  { plain: ({ request }: Counter) => instantText(request.window.startAt) },
  { plain: ({ request }: Counter) => instantText(request.window.endAt) },
  { text: ({ request }: Counter) => request.limit.definition.property?.name ?? "" },
  { text: ({ request }: Counter) => request.limit.definition.property?.value ?? "" },
  { plain: ({ tally }: Counter) => (tally.kind === "UNITS" && tally.used !== null ? formatDecimal(tally.used) : null) },
];

/** The statement that writes counters as a decision left them; null for none. Limits of one scope share a counter. */
export function writeCounters(counters: readonly Counter[]): ReadyStatement | null {
  const rows = new Map<string, Counter>();
  for (const counter of counters) {
    const { profile, limit, window } = counter.request;
    const { meterKey, property } = limit.definition;
    const period = limitPeriodOf(limit.definition);
    rows.set(JSON.stringify([profile.customerId, meterKey, period, window.startAt, property]), counter);
  }
  return rows.size === 0 ? null : columnStatement(writeCountersSql, [...rows.values()], counterColumns);
}

/**
 * Forgets everything that was counted for a customer: it is counted again from events when it is next needed. For
 * changes of plans and limits, under the customer's exclusive lock.
 */
export async function forgetCounters(sql: Sql, customerId: string): Promise<void> {
  await sql.query("DELETE FROM limit_counter WHERE customer_id = $1", [customerId]);
}

/** Usage is taken up to 35 days late without backfill; whoever is later is counted from events. */
const counterRetentionDays = 40;

/** Lets go of days and hours that nothing is recorded in any more. What is asked for again is counted again. */
export async function forgetOldCounters(sql: Sql, now: EpochMs): Promise<void> {
  await sql.query("DELETE FROM limit_counter WHERE period IN ('DAY', 'HOUR') AND window_end < $1", [
    instantText(now - counterRetentionDays * DAY_MS),
  ]);
}

/** What is taken back by a void, as the event said it. */
export type TakenBack = {
  customerId: string;
  meterId: string;
  occurredAt: Date;
  quantity: string;
  properties: Readonly<Record<string, unknown>>;
};

/** Takes a voided event out of the counters. A maximum is forgotten, and counted again when it is next needed. */
export async function takeBackFromCounters(sql: Sql, event: TakenBack): Promise<void> {
  const touched = `c.customer_id = $1 AND c.meter_id = $2 AND c.window_start <= $3 AND c.window_end > $3
    AND (c.property = '' OR $4::jsonb ->> c.property = c.property_value)`;
  const values = [event.customerId, event.meterId, event.occurredAt, JSON.stringify(event.properties)];
  await sql.query(
    `DELETE FROM limit_counter c USING meter m WHERE m.id = c.meter_id AND m.aggregation = 'MAX' AND ${touched}`,
    values,
  );
  await sql.query(
    `UPDATE limit_counter c SET used = c.used - CASE m.aggregation WHEN 'COUNT' THEN 1 ELSE $5::numeric END
     FROM meter m WHERE m.id = c.meter_id AND ${touched}`,
    [...values, event.quantity],
  );
}
