import type {
  AlertRule,
  AlertTarget,
  CustomerPeriod,
  Decimal,
  EpochMs,
  ForecastUsage,
  MeterUsage,
  Money,
  PeriodForecast,
  RatedLine,
  Window,
} from "@meterline/billing-domain";
import type { BillingProfile, SubscriptionRow } from "../catalog/index.ts";

/** A customer's open billing period as it is billed. A later module rates it. */
export type BilledPeriod = {
  profile: BillingProfile;
  period: CustomerPeriod<SubscriptionRow>;
  bill: { lines: readonly RatedLine[]; total: Money };
  usages: ReadonlyMap<string, MeterUsage>;
};

/** The same, and what is expected of the rest of it. */
export type ProjectedPeriod = BilledPeriod & {
  /** By meter key. */
  forecasts: ReadonlyMap<string, PeriodForecast>;
  /** The bill's total, and the lines by meter key, over the rest of the period; in major units. */
  total: PeriodForecast;
  amounts: ReadonlyMap<string, PeriodForecast>;
};

/** What evaluations ask of later modules. */
export type AlertFacts = {
  billed(customerId: string, at: EpochMs): Promise<BilledPeriod>;
  projected(customerId: string, at: EpochMs): Promise<ProjectedPeriod>;
  /** A meter's whole hours before `at`, oldest first, without gaps; at most as many as `unusualUsage` looks at. */
  hourly(profile: BillingProfile, meterKey: string, at: EpochMs): Promise<readonly ForecastUsage[]>;
};

/** An amount in major units, of a line or of the whole bill. */
export type AmountOf = (meterKey: string | null) => Decimal;

/** When a rule would have fired in the billing period before this one; `reason` says why that cannot be told. */
export type PastFirings = { period: Window | null; firedAt: readonly EpochMs[]; reason: string | null };

/** Tries rules on usage that has been. */
export type PastAlerts = {
  firedAt(profile: BillingProfile, of: { rule: AlertRule; targets: readonly AlertTarget[] }): Promise<PastFirings>;
};
