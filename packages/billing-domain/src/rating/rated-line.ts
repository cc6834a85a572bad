import type { Decimal } from "../decimal.ts";
import type { Money } from "../money.ts";
import type { EpochMs } from "../window.ts";

/** One counted event, for the price models that price event by event. */
export type RatedEvent = { quantity: Decimal; occurredAt: EpochMs };

/** The total of one combination of group-by values, in the order of `MeterUsage.groupBy`. */
export type DimensionUsage = { values: readonly string[]; quantity: Decimal };

/** What a customer used of one meter in one billing period. */
export type MeterUsage = {
  /** The meter's aggregate; null when nothing was measured and the aggregation has no value (MAX, LATEST). */
  quantity: Decimal | null;
  eventCount: bigint;
  /** For a MATRIX card: totals by combination, which sum to `quantity`. The combination "(other)" holds the rest. */
  byDimension?: ReadonlyArray<DimensionUsage>;
  /** The meter's group-by properties, in the order of the values above. */
  groupBy?: readonly string[];
  /** Where `needsEvents(card)`: all counted events of the period. Those of one instant stand in order of receipt. */
  events?: Iterable<RatedEvent>;
  /** Where the card says `carryNegative`: what the period before carried over, zero or less. */
  carriedQuantity?: Decimal;
};

/** One row of how a line was priced. Amounts are exact, in major units. */
export type TierCharge = {
  /** Plain words; the bounds and prices beside it are for the screen to format. */
  label: string;
  /** Exclusive lower bound of the tier, in billable units; null where the row is no tier. */
  from: Decimal | null;
  /** Inclusive upper bound of the tier; null is open-ended, or no tier. */
  upTo: Decimal | null;
  quantity: Decimal;
  unitPrice: Decimal | null;
  flatAmount: Decimal | null;
  unroundedAmount: Decimal;
};

/** What one price model makes of a period's usage. */
export type ModelCharge = { billableQuantity: Decimal; tiers: TierCharge[] };

/** One priced line of a bill. */
export type RatedLine = {
  meterKey: string;
  /** As measured, a negative total too; zero when nothing was measured. */
  quantity: Decimal;
  /** False when nothing was measured and the aggregation has no value. It is billed as 0. */
  hasValue: boolean;
  /** The card's allowance for a period. */
  includedQuantity: Decimal;
  /** What is priced: the total (with what was carried over) past the allowance, never less than zero. */
  billableQuantity: Decimal;
  /** What may still be used before units are billed; null when the card has no allowance. */
  remainingQuantity: Decimal | null;
  /** What the next period starts with: zero, or the negative total of a card that says `carryNegative`. */
  carryForwardQuantity: Decimal;
  /** How the amount was reached, in order. Their amounts sum to `unroundedAmount` exactly. */
  tiers: TierCharge[];
  /** Exact, in major units; never negative. */
  unroundedAmount: Decimal;
  /** `unroundedAmount` rounded half up to the currency's minor unit: the only rounding of the line. */
  amount: Money;
};
