import {
  type Bill,
  type CustomerPeriod,
  type Decimal,
  type EpochMs,
  type ForecastPoint,
  majorAmount,
  type MeterUsage,
  type Money,
  type PeriodForecast,
  type PlanDefinition,
  projectBill,
  type ProjectedBill,
  type ProjectedUsage,
  shareOfWindow,
} from "@meterline/billing-domain";
import type { SubscriptionRow } from "../catalog/index.ts";

/** What a period's money is projected from. `late` is billed in it beside the plan's own bill. */
export type AmountsInput = {
  plan: PlanDefinition;
  period: CustomerPeriod<SubscriptionRow>;
  usages: ReadonlyMap<string, MeterUsage>;
  forecasts: ReadonlyMap<string, PeriodForecast>;
  late: Money;
};

/** The bill at the period's end, and how the total and each line come to it, in major units. */
export type ProjectedAmounts = { bill: ProjectedBill; total: PeriodForecast; amounts: Map<string, PeriodForecast> };

/** Past so many events a card that prices each of them is rated at the period's end only. */
const mostEventsADay = 2_000n;

/** Rates the forecast of each remaining day as the period's end will be rated. */
export function projectedAmounts(input: AmountsInput): ProjectedAmounts {
  const longest = [...input.forecasts.values()]
    .map((forecast) => forecast.path)
    .toSorted((a, b) => b.length - a.length)[0];
  const everyDay = [...input.usages.values()].every(
    (usage) => usage.events === undefined || usage.eventCount <= mostEventsADay,
  );
  const instants = (longest ?? []).map((point) => point.at);
  const rated = (everyDay ? instants : instants.slice(-1)).map((at) => ({ at, bill: billAt(input, at) }));
  const bill = rated.at(-1)?.bill ?? billAt(input, input.period.window.endAt);
  const late = majorAmount(input.late);
  const methods = [...input.forecasts.values()].map((forecast) => forecast.method);
  const method = methods.every((one) => one === "SO_FAR") ? "SO_FAR" : "PATTERN";
  const daysKnown = Math.max(0, ...[...input.forecasts.values()].map((forecast) => forecast.daysKnown));
  const over = (amountOf: (one: Bill) => Decimal): PeriodForecast => {
    const path = rated.map(({ at, bill: one }) => pointOf(at, one, amountOf));
    const last = pointOf(input.period.window.endAt, bill, amountOf);
    return { ...last, path: path.length === 0 ? [last] : path, method, daysKnown };
  };
  const amounts = new Map(
    bill.expected.lines.map((line) => [
      line.meterKey,
      over((one) => majorAmount(one.lines.find((other) => other.meterKey === line.meterKey)?.amount ?? line.amount)),
    ]),
  );
  return { bill, total: over((one) => majorAmount(one.total).plus(late)), amounts };
}

function billAt(input: AmountsInput, at: EpochMs): ProjectedBill {
  const usages = new Map<string, ProjectedUsage>();
  for (const [key, usage] of input.usages) {
    const forecast = input.forecasts.get(key);
    if (forecast === undefined) continue;
    const point = forecast.path.find((one) => one.at >= at) ?? forecast.path.at(-1);
    usages.set(key, { usage, forecast: point === undefined ? forecast : { ...forecast, ...point } });
  }
  const { window, full } = input.period;
  return projectBill(input.plan, usages, { periodShare: shareOfWindow(window, full), periodEndAt: window.endAt });
}

function pointOf(at: EpochMs, bill: ProjectedBill, amountOf: (one: Bill) => Decimal): ForecastPoint {
  const sides = [bill.low, bill.expected, bill.high].map(amountOf);
  // Which bill is lowest is told by its total; of one line it may be another.
  const sorted = sides.toSorted((left, right) => left.cmp(right));
  const [, expected] = sides;
  const [low, middle, high] = sorted;
  const of = (value: Decimal | undefined) => value ?? majorAmount(bill.expected.total);
  return { at, low: of(low), expected: of(expected ?? middle), high: of(high) };
}
