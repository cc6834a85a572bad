import { type Aggregation, type Decimal, ZERO } from "@meterline/billing-domain";
import type { Series, SeriesValue } from "./usage-series.read-model.ts";

/** Groups shown one by one; the rest are shown together. */
export const MAX_GROUPS = 20;
/** The label of what is shown together. */
export const OTHER_GROUP = "(other)";

/**
 * The largest groups by total, then the rest as one. Only what adds up can be shown together: past the bound, groups
 * of MAX, LATEST and UNIQUE_COUNT meters are left out of the chart; the meter's own series still holds them.
 */
export function largestGroups(groups: readonly Series[], aggregation: Aggregation): Series[] {
  const sorted = groups.toSorted(
    (left, right) => size(right).cmp(size(left)) || left.group.localeCompare(right.group, "en"),
  );
  const shown = sorted.filter((series) => series.group !== OTHER_GROUP).slice(0, MAX_GROUPS);
  const rest = sorted.filter((series) => !shown.includes(series));
  if (rest.length === 0) return shown;
  if (aggregation !== "SUM" && aggregation !== "COUNT") return shown;
  return [...shown, rest.reduce(addSeries, { group: OTHER_GROUP, points: [], total: nothing })];
}

const nothing: SeriesValue = { quantity: ZERO, eventCount: 0n };

function size(series: Series): Decimal {
  return series.total.quantity ?? ZERO;
}

function addSeries(left: Series, right: Series): Series {
  return {
    group: left.group,
    points: right.points.map((point, index) => add(left.points[index] ?? nothing, point)),
    total: add(left.total, right.total),
  };
}

function add(left: SeriesValue, right: SeriesValue): SeriesValue {
  return {
    quantity: (left.quantity ?? ZERO).plus(right.quantity ?? ZERO),
    eventCount: left.eventCount + right.eventCount,
  };
}
