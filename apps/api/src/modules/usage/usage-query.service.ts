import {
  customerPeriodsBetween,
  type EpochMs,
  formatDecimal,
  type Grain,
  localWindows,
  measuredUnit,
  type Window,
} from "@meterline/billing-domain";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Sql } from "../../platform/database/index.ts";
import {
  badUserInput,
  decodeCursor,
  notFound,
  type PageInfo,
  parseInstant,
  toPage,
} from "../../platform/graphql/index.ts";
import type { BillingProfile, MeterRow, Meters } from "../catalog/index.ts";
import { largestGroups } from "./series-groups.ts";
import { listUsageEvents, type UsageEventCursor } from "./usage-event.read-model.ts";
import type { UsageEventRecord } from "./usage-event.record.ts";
import { readSeries, type Series, type SeriesRequest } from "./usage-series.read-model.ts";
import type { UsagePoint, UsageSeriesType } from "./usage-series.types.ts";

/** What a chart asks for; `from` inclusive, `to` exclusive. */
export type SeriesQuery = { meterKey: string; from: EpochMs; to: EpochMs; grain: Grain; groupBy: string | null };

/** Which events a page asks for. */
export type EventsQuery = {
  meterKey: string | null;
  from: EpochMs | null;
  to: EpochMs | null;
  idempotencyKey: string | null;
  first: number;
  after: string | null;
};

/** The most bars of one chart. */
export const MAX_POINTS = 2_000;

/** Reads usage for charts and lists, from rollups and by index; never by going over a period's events. */
export class UsageQueryService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly meters: Meters,
  ) {}

  async series(viewer: Viewer, profile: BillingProfile, query: SeriesQuery): Promise<UsageSeriesType> {
    const meter = await this.meter(query.meterKey);
    const windows = windowsOf(query, profile.timeZone);
    const groupIndex = groupIndexOf(meter, query.groupBy);
    const completeThrough = this.clock.now();
    const isLevel = meter.definition.aggregation === "WEIGHTED_SUM";
    const measured = isLevel ? windows.map((window) => elapsedOf(window, completeThrough)) : windows;
    const periods = isLevel && !meter.definition.carryOver ? periodsOf(profile, query) : [];
    const request = { customerId: profile.customerId, meter, windows: measured, periods };
    const read = (sql: Sql, by: SeriesRequest["groupIndex"]) => readSeries(sql, { ...request, groupIndex: by });
    const { whole, groups } = await readAs(this.database, viewer, async (sql) => ({
      whole: await read(sql, null),
      groups: groupIndex === null ? [] : await read(sql, groupIndex),
    }));
    const [series] = whole;
    return {
      meterKey: meter.definition.key,
      unit: measuredUnit(meter.definition),
      grain: query.grain,
      timeZone: profile.timeZone,
      points: series === undefined ? [] : pointsOf(series, windows),
      groups: largestGroups(groups, meter.definition.aggregation).map((group) => ({
        value: group.group,
        total: textOf(group.total.quantity),
        points: pointsOf(group, windows),
      })),
      total: textOf(series?.total.quantity ?? null),
      completeThrough,
    };
  }

  /** A page of events, latest first. */
  async events(
    viewer: Viewer,
    profile: BillingProfile,
    query: EventsQuery,
  ): Promise<{ nodes: UsageEventRecord[]; pageInfo: PageInfo }> {
    const meters = query.meterKey === null ? await this.meters.all() : [await this.meter(query.meterKey)];
    const [occurredAt, id] = query.after === null ? [] : decodeCursor(query.after, 2);
    const after = occurredAt === undefined || id === undefined ? null : checkedCursor({ occurredAt, id });
    const filter = { ...query, customerId: profile.customerId, meterIds: meters.map((meter) => meter.id) };
    const events = await readAs(this.database, viewer, (sql) => listUsageEvents(sql, filter, after, query.first + 1));
    return toPage(events, query.first, (event) => [event.occurredAt.toISOString(), event.id]);
  }

  private async meter(key: string): Promise<MeterRow> {
    const meter = (await this.meters.find([key])).get(key);
    if (meter === undefined) throw notFound(`There is no meter with the key "${key}".`, "meterKey");
    return meter;
  }
}

function windowsOf(query: SeriesQuery, timeZone: string): Window[] {
  if (query.from >= query.to) throw badUserInput("from must be before to.", "from");
  const tooMany = () =>
    badUserInput(`A chart has at most ${MAX_POINTS} points; ask for a shorter range or a coarser grain.`, "grain");
  if ((query.to - query.from) / shortestMs[query.grain] > MAX_POINTS) throw tooMany();
  const windows = localWindows({ from: query.from, to: query.to, grain: query.grain, timeZone });
  if (windows.length > MAX_POINTS) throw tooMany();
  return windows;
}

/** The billing periods that a chart touches; a level that is not carried over begins anew with each of them. */
function periodsOf(profile: BillingProfile, { from, to }: SeriesQuery): Window[] {
  try {
    return customerPeriodsBetween(profile.subscriptions, from, to, MAX_POINTS).map((period) => period.window);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badUserInput(`A chart of this meter touches at most ${MAX_POINTS} billing periods; ask for less.`, "from");
  }
}

/** A level counts up to now, on the bill and here; what is ahead is a forecast. */
function elapsedOf(window: Window, now: EpochMs): Window {
  return { startAt: Math.min(window.startAt, now), endAt: Math.min(window.endAt, now) };
}

/** PostgreSQL would refuse what is no id, and read "yesterday" as a time. */
function checkedCursor(cursor: UsageEventCursor): UsageEventCursor {
  parseInstant(cursor.occurredAt, "after");
  if (!isUuid(cursor.id)) throw badUserInput("after is not a cursor of this list.", "after");
  return cursor;
}

/** A bar is never shorter but at the ends, and at changes of the clock; enough to refuse before counting. */
const shortestMs: Record<Grain, number> = {
  HOUR: 3_600_000,
  DAY: 23 * 3_600_000,
  WEEK: 167 * 3_600_000,
  MONTH: 27 * 24 * 3_600_000,
};

function groupIndexOf(meter: MeterRow, groupBy: string | null): number | null {
  if (groupBy === null) return null;
  const index = meter.definition.groupBy.indexOf(groupBy);
  if (index >= 0) return index;
  const declared = meter.definition.groupBy.join(", ") || "none";
  throw badUserInput(
    `The meter "${meter.definition.key}" is not grouped by "${groupBy}". Declared: ${declared}.`,
    "groupBy",
  );
}

function pointsOf(series: Series, windows: readonly Window[]): UsagePoint[] {
  return windows.map((window, index) => {
    const point = series.points[index];
    return {
      start: window.startAt,
      end: window.endAt,
      quantity: textOf(point?.quantity ?? null),
      eventCount: Number(point?.eventCount ?? 0n),
    };
  });
}

function textOf(quantity: Parameters<typeof formatDecimal>[0] | null): string | null {
  return quantity === null ? null : formatDecimal(quantity);
}
