import {
  customerPeriodsBetween,
  type EpochMs,
  type ForecastUsage,
  type Grain,
  localWindows,
  MAX_HISTORY_DAYS,
  MAX_HOUR_DAYS,
  type Window,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { BillingProfile, MeterRow } from "../catalog/index.ts";
import { readSeries } from "../usage/index.ts";

const dayMs = 86_400_000;

/** A meter's usage of earlier days and hours, in the customer's zone: what a forecast is made from. */
export type UsageHistory = { days: ForecastUsage[]; hours: ForecastUsage[] };

/** Reads what the aggregation's forecast looks at, from rollups; its cost does not grow with the number of events. */
export async function usageHistory(
  sql: Sql,
  of: { profile: BillingProfile; meter: MeterRow; now: EpochMs },
): Promise<UsageHistory> {
  const { aggregation } = of.meter.definition;
  // How many distinct things there will be is told from how many there are.
  if (aggregation === "UNIQUE_COUNT") return { days: [], hours: [] };
  const startOfToday = localDayStart(of.now, of.profile.timeZone);
  const days = await usageBetween(sql, of, {
    from: startOfToday - MAX_HISTORY_DAYS * dayMs,
    to: startOfToday,
    grain: "DAY",
  });
  const adds = aggregation === "SUM" || aggregation === "COUNT";
  const from = startOfToday - MAX_HOUR_DAYS * dayMs;
  return { days, hours: adds ? await usageBetween(sql, of, { from, to: of.now, grain: "HOUR" }) : [] };
}

/** Whole hours of a meter up to the last full one. */
export async function hourlyUsage(
  sql: Sql,
  of: { profile: BillingProfile; meter: MeterRow; now: EpochMs },
  hours: number,
): Promise<ForecastUsage[]> {
  const hourMs = 3_600_000;
  const endAt = Math.floor(of.now / hourMs) * hourMs;
  const windows = Array.from({ length: hours }, (_, index) => {
    const startAt = endAt - (hours - index) * hourMs;
    return { startAt, endAt: startAt + hourMs };
  });
  return measured(sql, of, windows);
}

/** Usage in local days or hours. */
export function usageBetween(
  sql: Sql,
  of: { profile: BillingProfile; meter: MeterRow },
  range: { from: EpochMs; to: EpochMs; grain: Grain },
): Promise<ForecastUsage[]> {
  return measured(sql, of, localWindows({ ...range, timeZone: of.profile.timeZone }));
}

async function measured(
  sql: Sql,
  { profile, meter }: { profile: BillingProfile; meter: MeterRow },
  windows: readonly Window[],
): Promise<ForecastUsage[]> {
  const { aggregation, carryOver } = meter.definition;
  const [first] = windows;
  const endAt = windows.at(-1)?.endAt ?? 0;
  const isLevel = aggregation === "WEIGHTED_SUM" && !carryOver && first !== undefined;
  const periods = isLevel
    ? customerPeriodsBetween(profile.subscriptions, first.startAt, endAt).map((period) => period.window)
    : [];
  const [series] = await readSeries(sql, { customerId: profile.customerId, meter, windows, groupIndex: null, periods });
  return windows.map((window, index) => ({
    startAt: window.startAt,
    quantity: series?.points[index]?.quantity ?? null,
  }));
}

/** The start of the local day that holds an instant. */
function localDayStart(at: EpochMs, timeZone: string): EpochMs {
  const windows = localWindows({ from: at - 1.5 * dayMs, to: at + 1, grain: "DAY", timeZone });
  return windows.at(-1)?.startAt ?? at;
}
