import {
  type Decimal,
  type EpochMs,
  type MeterReports,
  type MeterStandings,
  nextPeriodToFreeze,
  type PlanPeriod,
  sumDecimals,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { BillingProfile, MeterRow, SubscriptionRow } from "../catalog/index.ts";
import { frozenTotals, lateLinesOfSource, periodUsage } from "../rating/index.ts";
import type { MeterReporting, ToldTotal } from "../stripe-reporting/index.ts";
import { readSeries } from "../usage/index.ts";
import { recountEvents } from "./recount.read-model.ts";

/** Whose period is looked at. */
export type StandingsRequest = {
  profile: BillingProfile;
  period: PlanPeriod<SubscriptionRow>;
  meters: readonly MeterRow[];
  reporting: Pick<MeterReporting, "toldTotals">;
  now: EpochMs;
};

/** What every place says of one meter in the period; the summary is still to be asked for. */
export type PeriodMeter = { meter: MeterRow; standings: MeterStandings; told: ToldTotal | null };

/** A recount reads every event of the period. */
const recountTimeoutSql = "SET LOCAL statement_timeout = '10min'";

/** Reads what every place says of each meter in a period, in one snapshot. Stripe is not asked here. */
export async function readStandings(sql: Sql, of: StandingsRequest): Promise<PeriodMeter[]> {
  const { profile, period, meters, now } = of;
  const { customerId } = profile;
  const { window } = period;
  await sql.query(recountTimeoutSql);
  const request = { customerId, window, meters, now };
  const recounts = await recountEvents(sql, request);
  const usages = await periodUsage(sql, request);
  const frozen = await frozenTotals(sql, customerId, window.startAt);
  const late = frozen === null ? [] : await lateLinesOfSource(sql, customerId, window.startAt);
  const told = await of.reporting.toldTotals(sql, customerId, window.startAt);
  const hasOpenPeriod = nextPeriodToFreeze(profile) !== null;
  const found: PeriodMeter[] = [];
  for (const meter of meters) {
    const { key } = meter.definition;
    const own = told.find((one) => one.meterId === meter.id && one.channel === "EVENTS") ?? null;
    const usage = usages.get(key)?.quantity ?? ZERO;
    const frozenQuantity = frozen?.find((one) => one.meterId === meter.id);
    const recount = recounts.get(meter.id);
    if (recount === undefined && usage.eq(ZERO) && frozenQuantity === undefined && own === null) continue;
    found.push({
      meter,
      told: own,
      standings: {
        // A level with too many events to count anew is held against its rollups only.
        recount: recount ?? (isLevel(meter) ? usage : ZERO),
        rollup: await rollupOf(sql, of, meter),
        periodTotal: usage,
        frozen: frozen === null ? null : (frozenQuantity?.quantity ?? ZERO),
        billedLate: sumDecimals(late.filter((line) => line.meterKey === key).map((line) => line.quantity)),
        // Late usage of a meter without a price is billed to nobody.
        hasOpenPeriod: hasOpenPeriod || !isPriced(period, key),
        reports: own === null ? null : reportsOf(own),
      },
    });
  }
  return found;
}

async function rollupOf(sql: Sql, of: StandingsRequest, meter: MeterRow): Promise<Decimal> {
  const window = isLevel(meter) ? elapsed(of.period.window, of.now) : of.period.window;
  const request = {
    customerId: of.profile.customerId,
    meter,
    windows: [window],
    groupIndex: null,
    periods: [window],
  };
  const [series] = await readSeries(sql, request);
  return series?.total.quantity ?? ZERO;
}

function reportsOf(told: ToldTotal): MeterReports {
  return {
    planned: told.planned,
    told: told.told,
    pending: told.pending + told.uncertain,
    dead: told.dead,
    summary: null,
    isSettled: false,
    canReport: false,
  };
}

const isLevel = (meter: MeterRow): boolean => meter.definition.aggregation === "WEIGHTED_SUM";

const isPriced = (period: PlanPeriod<SubscriptionRow>, meterKey: string): boolean =>
  period.term.plan.rateCards.some((card) => card.meterKey === meterKey);

function elapsed(window: Window, now: EpochMs): Window {
  return { startAt: window.startAt, endAt: Math.max(window.startAt, Math.min(window.endAt, now)) };
}
