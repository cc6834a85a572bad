import {
  alertTargets,
  type AlertTarget,
  crossingWords,
  expectedCrossing,
  type ForecastPoint,
  formatDecimal,
  forecastWords,
  type Money,
  numberWords,
  type PeriodForecast,
  projectedBillWords,
  roundToMoney,
} from "@meterline/billing-domain";
import { mapMoney } from "../../platform/graphql/index.ts";
import type { CustomerAlertRules } from "../alerts/index.ts";
import { mapMeter, type MeterRow } from "../catalog/index.ts";
import type { Projected } from "./projection.service.ts";
import type {
  ForecastPointType,
  ProjectedCrossingType,
  ProjectionLineType,
  ProjectionType,
} from "./projection.types.ts";

/** A projection as the API shows it; what is expected to be crossed is what the customer's rules would warn of. */
export function mapProjection(projected: Projected, rules: CustomerAlertRules): ProjectionType {
  const { view, profile, total, now } = projected;
  const money = (value: PeriodForecast["low"]): Money => roundToMoney(value, profile.currency);
  const bill = { low: money(total.low), expected: money(total.expected), high: money(total.high) };
  const targets = alertTargets(rules.rules, rules).filter((target) => target.kind === "FORECAST" && !target.isMoney);
  const lines = [...projected.forecasts].flatMap(([meterKey, forecast]): ProjectionLineType[] => {
    const meter = projected.meters.get(meterKey);
    if (meter === undefined) return [];
    const own = targets.filter((target) => target.meterKey === meterKey);
    return [mapLine(projected, { meter, forecast, targets: own })];
  });
  return {
    period: { start: view.period.window.startAt, end: view.period.window.endAt, state: view.state },
    soFar: mapMoney(view.total),
    low: mapMoney(bill.low),
    expected: mapMoney(bill.expected),
    high: mapMoney(bill.high),
    lines,
    computedAt: now,
    words: projectedBillWords(bill),
  };
}

function mapLine(
  projected: Projected,
  of: { meter: MeterRow; forecast: PeriodForecast; targets: readonly AlertTarget[] },
): ProjectionLineType {
  const { meter, forecast } = of;
  const { key } = meter.definition;
  const { currency } = projected.profile;
  const amount = projected.amounts.get(key);
  const used = projected.usages.get(key)?.quantity ?? null;
  return {
    meterKey: key,
    meter: mapMeter(meter),
    usedQuantity: used === null ? "0" : formatDecimal(used),
    lowQuantity: formatDecimal(forecast.low),
    expectedQuantity: formatDecimal(forecast.expected),
    highQuantity: formatDecimal(forecast.high),
    low: amount === undefined ? null : mapMoney(roundToMoney(amount.low, currency)),
    expected: amount === undefined ? null : mapMoney(roundToMoney(amount.expected, currency)),
    high: amount === undefined ? null : mapMoney(roundToMoney(amount.high, currency)),
    path: forecast.path.map(mapPoint),
    crossings: crossingsOf(projected, of),
    method: forecast.method,
    daysKnown: forecast.daysKnown,
    basis: forecastWords(forecast),
  };
}

function crossingsOf(
  projected: Projected,
  of: { meter: MeterRow; forecast: PeriodForecast; targets: readonly AlertTarget[] },
): ProjectedCrossingType[] {
  const { key, unit } = of.meter.definition;
  const used = projected.usages.get(key)?.quantity;
  if (used == null || of.forecast.method === "SO_FAR") return [];
  return of.targets.flatMap((target): ProjectedCrossingType[] => {
    const { now, profile } = projected;
    const crossing = expectedCrossing(of.forecast, { threshold: target.thresholdValue, used, now });
    if (crossing === null) return [];
    const threshold = `${numberWords(target.thresholdValue)} ${unit}`;
    return [
      {
        basis: target.basis,
        limitId: target.limit?.id ?? null,
        threshold: formatDecimal(target.thresholdValue),
        crossing: { earliest: crossing.earliestAt, expected: crossing.expectedAt, latest: crossing.latestAt },
        words: `At this pace you cross ${threshold} ${crossingWords(crossing, profile.timeZone)}.`,
      },
    ];
  });
}

function mapPoint(point: ForecastPoint): ForecastPointType {
  return {
    at: point.at,
    low: formatDecimal(point.low),
    expected: formatDecimal(point.expected),
    high: formatDecimal(point.high),
  };
}
