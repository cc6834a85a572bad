import { compareQuantities } from "../formats/quantity.ts";

/** One window of a series as the API sends it. */
export type SeriesPoint = {
  readonly start: string;
  readonly end: string;
  readonly quantity: string | null;
  readonly eventCount: number;
};

/** A series, ungrouped or with groups that have the same windows. */
export type Series = {
  readonly completeThrough: string;
  readonly points: readonly SeriesPoint[];
  readonly groups: readonly {
    readonly value: string;
    readonly points: readonly { readonly quantity: string | null }[];
  }[];
};

/** FULL: over. SO_FAR: running now, so its figure will grow. AHEAD: not begun; it has no figure, which is not zero. */
export type WindowStanding = "FULL" | "SO_FAR" | "AHEAD";

/** One row of chart and table. `groups` follows the order of the series' groups. */
export type SeriesRow = SeriesPoint & {
  readonly standing: WindowStanding;
  readonly groups: readonly (string | null)[];
};

/** The rows that chart and table are both drawn from, so that they cannot differ. */
export function seriesRows(series: Series): SeriesRow[] {
  return series.points.map((point, index) => ({
    ...point,
    standing: windowStanding(point, series.completeThrough),
    groups: series.groups.map((group) => group.points[index]?.quantity ?? null),
  }));
}

/** Where a window stands at the instant through which the figures are complete. */
export function windowStanding(window: { start: string; end: string }, completeThrough: string): WindowStanding {
  const known = Date.parse(completeThrough);
  if (Date.parse(window.end) <= known) return "FULL";
  return Date.parse(window.start) < known ? "SO_FAR" : "AHEAD";
}

/** The row with the largest quantity, by exact comparison; the earliest of equals. Null when no row has a figure above zero. */
export function busiestRow(rows: readonly SeriesRow[]): SeriesRow | null {
  let busiest: SeriesRow | null = null;
  for (const row of rows) {
    if (row.quantity === null || row.standing === "AHEAD" || compareQuantities(row.quantity, "0") <= 0) continue;
    if (busiest?.quantity == null || compareQuantities(row.quantity, busiest.quantity) > 0) busiest = row;
  }
  return busiest;
}

/** What the API calls a missing value of the group-by property. */
const MISSING_VALUE = "";

/** A group's name on screen. */
export function groupName(value: string): string {
  return value === MISSING_VALUE ? "(none)" : value;
}
