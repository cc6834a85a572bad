import type { Decimal } from "../decimal.ts";
import type { EpochMs, Window } from "../window.ts";
import type { AlertBasis, AlertKind, AlertSeverity } from "./alert-rule.ts";

/**
 * One threshold crossed, once. `basisValue`, `thresholdValue` and `crossingValue` are units of the meter, or with a
 * currency major units of it; they are exact, since 80 % of a budget need not be whole cents.
 */
export type Alert = {
  kind: AlertKind;
  basis: AlertBasis;
  severity: AlertSeverity;
  /** Null: the bill's total. */
  meterKey: string | null;
  /** Names the threshold within its rule. */
  thresholdKey: string;
  percent: Decimal | null;
  basisValue: Decimal;
  thresholdValue: Decimal;
  /** Where usage stood when it was seen to cross; of a FORECAST what is expected at the period's end. */
  crossingValue: Decimal;
  currency: string | null;
  period: Window;
  crossedAt: EpochMs;
  /** Of a FORECAST: when the threshold is expected to be crossed. */
  expected: CrossingBand | null;
};

/** An expected instant and the band around it. A bound past the end of the period is null: it may not be crossed in it. */
export type CrossingBand = { earliestAt: EpochMs | null; expectedAt: EpochMs; latestAt: EpochMs | null };
