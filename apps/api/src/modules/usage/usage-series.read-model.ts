import {
  type Decimal,
  decimal,
  type EpochMs,
  emptyUsageState,
  measure,
  mergeUsageStates,
  type MeterDefinition,
  type UsageState,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { selectLevelBefore, selectLevels, selectSeries, selectUniqueSeries } from "./usage-series.sql.ts";
import { instantText } from "./usage-state.columns.ts";

/** A meter's usage cut into buckets: `windows` in order, without gaps. */
export type SeriesRequest = {
  customerId: string;
  meter: { id: string; definition: MeterDefinition };
  windows: readonly Window[];
  /** The place of a group-by property in the meter's list, or null for the meter as a whole. */
  groupIndex: number | null;
  /** The billing periods that touch the range, in order: a level that is not carried over begins anew with each. */
  periods: readonly Window[];
};

/** What was measured in each bucket, in order, and over all of them together. */
export type Series = { group: string; points: SeriesValue[]; total: SeriesValue };

/** `quantity` is null where the aggregation has no value because nothing was measured. */
export type SeriesValue = { quantity: Decimal | null; eventCount: bigint };

/** Reads a chart's series: one a group, or a single one without grouping. */
export async function readSeries(sql: Sql, request: SeriesRequest): Promise<Series[]> {
  if (request.windows.length === 0) return [];
  switch (request.meter.definition.aggregation) {
    case "UNIQUE_COUNT":
      return uniqueSeries(sql, request);
    case "WEIGHTED_SUM":
      return levelSeries(sql, request);
    default:
      return mergedSeries(sql, request);
  }
}

/** The level in force just before an instant, of those set since another (null: ever), or null. */
async function levelBefore(
  sql: Sql,
  of: { customerId: string; meter: { id: string }; at: EpochMs; since: EpochMs | null },
): Promise<Decimal | null> {
  const [row] = await sql.query<{ quantity: string }>(
    selectLevelBefore.text,
    [of.customerId, of.meter.id, instantText(of.at), of.since === null ? "-infinity" : instantText(of.since)],
    selectLevelBefore.name,
  );
  return row === undefined ? null : decimal(row.quantity);
}

/** Everything measured on a WEIGHTED_SUM meter over a window. */
export async function measureLevels(
  sql: Sql,
  customerId: string,
  meter: { id: string; definition: MeterDefinition },
  window: Window,
): Promise<SeriesValue> {
  const request = { customerId, meter, windows: [window], groupIndex: null, periods: [window] };
  const [series] = await levelSeries(sql, request);
  return series?.total ?? { quantity: null, eventCount: 0n };
}

function parameters(request: SeriesRequest): (string | number | string[] | null)[] {
  return [
    request.customerId,
    request.meter.id,
    request.windows.map((window) => instantText(window.startAt)),
    instantText(request.windows.at(-1)?.endAt ?? 0),
    request.groupIndex,
  ];
}

function wholeOf(windows: readonly Window[]): Window {
  return { startAt: windows[0]?.startAt ?? 0, endAt: windows.at(-1)?.endAt ?? 0 };
}

async function mergedSeries(sql: Sql, request: SeriesRequest): Promise<Series[]> {
  const rows = await sql.query<StateRow>(selectSeries.text, parameters(request), selectSeries.name);
  const { aggregation } = request.meter.definition;
  return groupsOf(rows, request.groupIndex).map(([group, members]) => {
    const states = new Map(members.map((row) => [row.bucket, stateOf(row)]));
    const valueOf = (state: UsageState, window: Window): SeriesValue => ({
      quantity: measure(aggregation, state, { window, levelBefore: null }),
      eventCount: state.eventCount,
    });
    return {
      group,
      points: request.windows.map((window, index) => valueOf(states.get(index + 1) ?? emptyUsageState(), window)),
      total: valueOf([...states.values()].reduce(mergeUsageStates, emptyUsageState()), wholeOf(request.windows)),
    };
  });
}

async function uniqueSeries(sql: Sql, request: SeriesRequest): Promise<Series[]> {
  const rows = await sql.query<UniqueRow>(selectUniqueSeries.text, parameters(request), selectUniqueSeries.name);
  return groupsOf(rows, request.groupIndex).map(([group, members]) => {
    const values = new Map(members.map((row) => [row.bucket, row]));
    const valueOf = (bucket: number, window: Window): SeriesValue => {
      const row = values.get(bucket);
      return {
        quantity: measure("UNIQUE_COUNT", emptyUsageState(), {
          window,
          levelBefore: null,
          uniqueCount: BigInt(row?.unique_count ?? 0),
        }),
        eventCount: BigInt(row?.event_count ?? 0),
      };
    };
    return {
      group,
      points: request.windows.map((window, index) => valueOf(index + 1, window)),
      total: valueOf(0, wholeOf(request.windows)),
    };
  });
}

/** A chart's levels: read in one go where they carry over, else a billing period at a time, as a bill measures them. */
async function levelSeries(sql: Sql, request: SeriesRequest): Promise<Series[]> {
  const { carryOver } = request.meter.definition;
  const stretches = carryOver ? [wholeOf(request.windows)] : request.periods.filter((period) => meets(request, period));
  const points: SeriesValue[] = request.windows.map(() => ({ quantity: ZERO, eventCount: 0n }));
  let total: SeriesValue = { quantity: ZERO, eventCount: 0n };
  for (const stretch of stretches) {
    const windows = request.windows.map((window) => clip(window, stretch));
    const measured = await levelsOfStretch(sql, { ...request, windows }, carryOver ? null : stretch.startAt);
    for (const [index, value] of measured.points.entries()) points[index] = added(points[index], value);
    total = added(total, measured.total);
  }
  return [{ group: "", points, total }];
}

async function levelsOfStretch(
  sql: Sql,
  request: SeriesRequest,
  since: EpochMs | null,
): Promise<{ points: SeriesValue[]; total: SeriesValue }> {
  const whole = wholeOf(request.windows);
  const rows = await sql.query<LevelRow>(selectLevels.text, parameters(request), selectLevels.name);
  const before = since === whole.startAt ? null : await levelBefore(sql, { ...request, at: whole.startAt, since });
  const states = rows.map(levelStateOf);
  let next = 0;
  let held = before;
  const points = request.windows.map((window) => {
    let state = emptyUsageState();
    for (let level = states[next]; level?.first && level.first.occurredAt < window.endAt; level = states[next]) {
      state = mergeUsageStates(state, level);
      next += 1;
    }
    const quantity = measure("WEIGHTED_SUM", state, { window, levelBefore: held });
    held = state.latest?.quantity ?? held;
    return { quantity, eventCount: state.eventCount };
  });
  const all = states.reduce(mergeUsageStates, emptyUsageState());
  const quantity = measure("WEIGHTED_SUM", all, { window: whole, levelBefore: before });
  return { points, total: { quantity, eventCount: all.eventCount } };
}

function meets({ windows }: SeriesRequest, period: Window): boolean {
  const whole = clip(wholeOf(windows), period);
  return whole.startAt < whole.endAt;
}

/** The part of a window within another; empty, at the nearer end, where they do not meet. */
function clip(window: Window, within: Window): Window {
  const place = (at: EpochMs) => Math.min(Math.max(at, within.startAt), within.endAt);
  return { startAt: place(window.startAt), endAt: place(window.endAt) };
}

function added(one: SeriesValue | undefined, other: SeriesValue): SeriesValue {
  return {
    quantity: (one?.quantity ?? ZERO).plus(other.quantity ?? ZERO),
    eventCount: (one?.eventCount ?? 0n) + other.eventCount,
  };
}

/** Rows by group; without grouping there is always the one series, also when nothing was measured. */
function groupsOf<Row extends { group: string }>(rows: readonly Row[], groupIndex: number | null): [string, Row[]][] {
  if (groupIndex === null) return [["", [...rows]]];
  return [...Map.groupBy(rows, (row) => row.group).entries()];
}

type StateRow = {
  bucket: number;
  group: string;
  event_count: string;
  quantity_sum: string;
  quantity_max: string | null;
  latest_quantity: string | null;
  latest_occurred_at: Date | null;
};
type UniqueRow = { bucket: number; group: string; unique_count: string; event_count: string };
type LevelRow = {
  event_count: string;
  first_quantity: string;
  first_occurred_at: Date;
  first_received_at: Date;
  latest_quantity: string;
  latest_occurred_at: Date;
  latest_received_at: Date;
  level_area: string;
};

function stateOf(row: StateRow): UsageState {
  const occurredAt = row.latest_occurred_at?.getTime();
  return {
    ...emptyUsageState(),
    eventCount: BigInt(row.event_count),
    quantitySum: decimal(row.quantity_sum),
    quantityMax: row.quantity_max === null ? null : decimal(row.quantity_max),
    // Buckets do not overlap in time, so the time of receipt never decides between two of them.
    latest:
      row.latest_quantity === null || occurredAt === undefined
        ? null
        : { quantity: decimal(row.latest_quantity), occurredAt, receivedAt: occurredAt },
  };
}

function levelStateOf(row: LevelRow): UsageState {
  return {
    ...emptyUsageState(),
    eventCount: BigInt(row.event_count),
    first: {
      quantity: decimal(row.first_quantity),
      occurredAt: row.first_occurred_at.getTime(),
      receivedAt: row.first_received_at.getTime(),
    },
    latest: {
      quantity: decimal(row.latest_quantity),
      occurredAt: row.latest_occurred_at.getTime(),
      receivedAt: row.latest_received_at.getTime(),
    },
    levelArea: decimal(row.level_area),
  };
}
