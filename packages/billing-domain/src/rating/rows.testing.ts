import { type Decimal, decimal, formatDecimal } from "../decimal.ts";
import type { MeterUsage, RatedEvent, TierCharge } from "./rated-line.ts";

/** Rows as literals a test can be read by: label, quantity, exact amount. */
export function rowsOf(tiers: readonly TierCharge[]): [string, string, string][] {
  return tiers.map((row) => [row.label, formatDecimal(row.quantity), formatDecimal(row.unroundedAmount)]);
}

/** The exact sum of rows, as text. */
export function amountOf(tiers: readonly TierCharge[]): string {
  return formatDecimal(tiers.reduce((sum, row) => sum.plus(row.unroundedAmount), decimal("0")));
}

/** Bounds of rows as literals: exclusive lower, inclusive upper. */
export function boundsOf(tiers: readonly TierCharge[]): [string | null, string | null][] {
  const text = (bound: Decimal | null) => (bound === null ? null : formatDecimal(bound));
  return tiers.map((row) => [text(row.from), text(row.upTo)]);
}

/** A period in which a meter counted `quantity`. */
export function used(quantity: string, rest: Partial<MeterUsage> = {}): MeterUsage {
  return { quantity: decimal(quantity), eventCount: 1n, ...rest };
}

/** A period of these events, a minute apart in the order given, with their total. */
export function usedInEvents(...quantities: string[]): MeterUsage & { events: RatedEvent[] } {
  const events = quantities.map((text, index) => ({ quantity: decimal(text), occurredAt: index * 60_000 }));
  const quantity = events.reduce((sum, event) => sum.plus(event.quantity), decimal("0"));
  return { quantity, eventCount: BigInt(events.length), events };
}
