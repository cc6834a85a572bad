import {
  type Aggregation,
  decimal,
  type Decimal,
  type EpochMs,
  type LimitTally,
  type MeterUsage,
  type MoneyTally,
  ONE,
  seenKey,
  shareOfWindow,
  type UnitTally,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { BillingProfile, MeterRow } from "../catalog/index.ts";
import { instantText, measureLevels } from "../usage/index.ts";
import { readCounters } from "./limit-counter.repository.ts";
import { heldByMeterSql, periodFactsSql, seenValuesSql, windowFactsSql } from "./limit-facts.sql.ts";
import { type PlacedLimit, tallySourceOf } from "./limits-of-profile.ts";
import { type LimitMeter, scopeColumns, tallyKey, type TallyRequest } from "./tally-request.ts";

/** What limits need to know of the world: every meter, and what a customer used in a period, as bills are rated from. */
export type LimitPorts = {
  metersOf(keys: readonly string[]): Promise<Map<string, MeterRow>>;
  /** The usage of a billing period by meter key, complete for rating. Rating implements it, which is a later module. */
  periodUsages(
    sql: Sql,
    of: { profile: BillingProfile; period: PlacedLimit["period"]; meters: readonly MeterRow[]; now: EpochMs },
  ): Promise<ReadonlyMap<string, MeterUsage>>;
};

/** A distinct value that something brings to a billing period. */
export type AskedValue = { customerId: string; meter: LimitMeter; periodStartAt: EpochMs; value: string };

type Reading = { sql: Sql; ports: LimitPorts; now: EpochMs; asked?: readonly AskedValue[] };

/** The tallies asked for, by {@link tallyKey}: what each limit has used and held. A fixed number of statements. */
export async function readTallies(
  requests: readonly TallyRequest[],
  { sql, ports, now, asked = [] }: Reading,
): Promise<Map<string, LimitTally>> {
  const unique = [...new Map(requests.map((request) => [tallyKey(request), request])).values()];
  const bySource = Map.groupBy(unique, (request) => tallySourceOf(request.limit, request.meter?.definition ?? null));
  // Sent together: on a pipelined connection they share one round trip.
  const [seen, periods, windows, counters] = await Promise.all([
    readSeen(sql, asked),
    readUnits(sql, periodFactsSql, bySource.get("PERIOD") ?? [], now),
    readUnits(sql, windowFactsSql, bySource.get("WINDOWS") ?? [], now),
    readCounters(sql, bySource.get("COUNTER") ?? [], now),
  ]);
  const tallies = new Map<string, LimitTally>([...windows, ...counters]);
  for (const [key, tally] of periods) {
    tallies.set(key, { ...tally, seen: seen.get(key.split(" ", 1)[0] ?? "", tally) });
  }
  for (const request of bySource.get("LEVELS") ?? []) {
    tallies.set(tallyKey(request), await readLevels(sql, request, now));
  }
  for (const request of bySource.get("BILL") ?? []) {
    tallies.set(tallyKey(request), await readBill(request, { sql, ports, now, asked }, seen));
  }
  return tallies;
}

type FactRow = {
  n: number;
  event_count: string | null;
  quantity_sum: string | null;
  quantity_max: string | null;
  latest_quantity: string | null;
  latest_occurred_at: Date | null;
  unique_count: string | null;
  held: string;
};

async function readUnits(
  sql: Sql,
  statement: { name: string; text: string },
  requests: readonly TallyRequest[],
  now: EpochMs,
): Promise<Map<string, UnitTally>> {
  if (requests.length === 0) return new Map();
  const rows = await sql.query<FactRow>(statement.text, [...scopeColumns(requests), instantText(now)], statement.name);
  return new Map(
    rows.map((row) => {
      const request = requests[row.n];
      invariant(request?.meter, "a limit in units has a meter");
      const { limit, window, meter } = request;
      const used = valueOf(meter.definition.aggregation, row);
      const latestAt = row.latest_occurred_at?.getTime() ?? null;
      const tally: UnitTally = {
        kind: "UNITS",
        limit,
        window,
        used,
        held: decimal(row.held),
        latestAt,
        seen: new Set(),
      };
      return [tallyKey(request), tally];
    }),
  );
}

function valueOf(aggregation: Aggregation, row: FactRow): Decimal | null {
  switch (aggregation) {
    case "SUM":
      return decimal(row.quantity_sum ?? "0");
    case "COUNT":
      return decimal(row.event_count ?? "0");
    case "MAX":
      return row.quantity_max === null ? null : decimal(row.quantity_max);
    case "LATEST":
      return row.latest_quantity === null ? null : decimal(row.latest_quantity);
    case "UNIQUE_COUNT":
      return decimal(row.unique_count ?? "0");
    case "WEIGHTED_SUM":
      return null;
  }
}

/** Levels up to now; what is ahead is a forecast. Nothing holds them and no limit refuses them. */
async function readLevels(sql: Sql, request: TallyRequest, now: EpochMs): Promise<UnitTally> {
  const { limit, window, meter, profile } = request;
  invariant(meter, "levels have a meter");
  const elapsed: Window = { startAt: window.startAt, endAt: Math.max(window.startAt, Math.min(window.endAt, now)) };
  const { quantity } = await measureLevels(sql, profile.customerId, meter, elapsed);
  return { kind: "UNITS", limit, window, used: quantity, held: ZERO, latestAt: null, seen: new Set() };
}

/** A bill's usage, and what is held on top of it. Between plans nothing is priced, so nothing is ever reached. */
async function readBill(request: TallyRequest, on: Reading, seen: SeenValues): Promise<LimitTally> {
  const { limit, window, profile, period } = request;
  const { term } = period;
  if (term === null) {
    return { kind: "UNITS", limit, window, used: ZERO, held: ZERO, latestAt: null, seen: new Set() };
  }
  const meters = [...(await on.ports.metersOf(term.plan.rateCards.map((card) => card.meterKey))).values()];
  const [usages, held] = await Promise.all([
    on.ports.periodUsages(on.sql, { profile, period, meters, now: on.now }),
    on.sql.query<{ meter_id: string; dimension_key: string | null; held: string }>(
      heldByMeterSql.text,
      [profile.customerId, instantText(on.now), instantText(window.startAt), instantText(window.endAt)],
      heldByMeterSql.name,
    ),
  ]);
  const periodShare = period.full.startAt === window.startAt && period.full.endAt === window.endAt;
  const tally: MoneyTally = {
    kind: "MONEY",
    limit,
    window,
    plan: term.plan,
    periodShare: periodShare ? ONE : shareOfWindow(window, period.full),
    usages,
    held: heldUsages(held, meters),
    seen: seen.ofBill(profile.customerId, window.startAt, meters),
  };
  return tally;
}

function heldUsages(
  rows: readonly { meter_id: string; dimension_key: string | null; held: string }[],
  meters: readonly MeterRow[],
): Map<string, MeterUsage> {
  const held = new Map<string, MeterUsage>();
  for (const row of rows) {
    const meter = meters.find((one) => one.id === row.meter_id);
    if (meter === undefined) continue;
    const { key, groupBy } = meter.definition;
    const known = held.get(key);
    const quantity = decimal(row.held);
    held.set(key, {
      quantity: (known?.quantity ?? ZERO).plus(quantity),
      eventCount: (known?.eventCount ?? 0n) + 1n,
      ...(row.dimension_key === null
        ? {}
        : {
            groupBy,
            byDimension: [...(known?.byDimension ?? []), { values: dimensionValuesOf(row.dimension_key), quantity }],
          }),
    });
  }
  return held;
}

/** The group-by values of a combination as it is stored; "(other)" is one of its own. */
export function dimensionValuesOf(dimensionKey: string): string[] {
  return dimensionKey.startsWith("[") ? (JSON.parse(dimensionKey) as string[]) : [dimensionKey];
}

type SeenValues = {
  get(customerId: string, tally: UnitTally): ReadonlySet<string>;
  ofBill(customerId: string, periodStartAt: EpochMs, meters: readonly MeterRow[]): ReadonlySet<string>;
};

async function readSeen(sql: Sql, asked: readonly AskedValue[]): Promise<SeenValues> {
  const rows =
    asked.length === 0
      ? []
      : await sql.query<{ customer_id: string; meter_id: string; start_at: Date; value: string }>(
          seenValuesSql.text,
          [
            asked.map((one) => one.customerId),
            asked.map((one) => one.meter.id),
            asked.map((one) => instantText(one.periodStartAt)),
            asked.map((one) => one.value),
          ],
          seenValuesSql.name,
        );
  const meterIds = new Map(asked.map((one) => [one.meter.definition.key, one.meter.id]));
  const valuesOf = (customerId: string, meterId: string, startAt: EpochMs) =>
    rows.filter(
      (row) => row.customer_id === customerId && row.meter_id === meterId && row.start_at.getTime() === startAt,
    );
  return {
    get(customerId, { limit, window }) {
      const meterId = meterIds.get(limit.definition.meterKey ?? "");
      if (meterId === undefined) return new Set();
      return new Set(valuesOf(customerId, meterId, window.startAt).map((row) => row.value));
    },
    ofBill(customerId, periodStartAt, meters) {
      return new Set(
        meters.flatMap((meter) =>
          valuesOf(customerId, meter.id, periodStartAt).map((row) =>
            seenKey({ meterKey: meter.definition.key, uniqueValue: row.value }),
          ),
        ),
      );
    },
  };
}
