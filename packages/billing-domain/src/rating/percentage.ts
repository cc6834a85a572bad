import { type Decimal, decimal, maxDecimal, ZERO } from "../decimal.ts";
import type { PercentagePrice } from "../price-model.ts";
import { ratePercentageByEvent } from "./percentage-by-event.ts";
import { fixedCharge, rateCharge } from "./percentage-rate.ts";
import type { MeterUsage, ModelCharge, TierCharge } from "./rated-line.ts";

function isSet(amount: string | undefined): boolean {
  return amount !== undefined && decimal(amount).gt(ZERO);
}

/**
 * Whether a percentage can only be worked out event by event: a floor or a cap looks at each event, free events are the
 * first ones, and with a free amount the fixed fee starts at the event that passes it. Without these the period's total
 * and the number of events are enough, and no event need be read.
 */
export function percentageNeedsEvents(price: PercentagePrice, freeAmount: Decimal): boolean {
  return (
    isSet(price.minimumPerEvent) ||
    isSet(price.maximumPerEvent) ||
    (price.freeEvents ?? 0) > 0 ||
    (isSet(price.fixedAmount) && freeAmount.gt(ZERO))
  );
}

/** The rate on the amount past the free amount, and the fixed fee on each event past the free ones. */
export function ratePercentage(price: PercentagePrice, usage: MeterUsage, freeAmount: Decimal): ModelCharge {
  const total = usage.quantity ?? ZERO;
  if (percentageNeedsEvents(price, freeAmount)) {
    const charge = ratePercentageByEvent(price, eventsOf(usage), freeAmount);
    if (!charge.total.eq(total)) throw new RangeError("The events of a percentage must sum to the meter's quantity.");
    return charge;
  }
  const billableQuantity = maxDecimal(total.minus(freeAmount), ZERO);
  const tiers: TierCharge[] = [rateCharge(price.ratePercent, billableQuantity)];
  if (price.fixedAmount !== undefined) tiers.push(fixedCharge(price.fixedAmount, usage.eventCount));
  return { billableQuantity, tiers };
}

function eventsOf(usage: MeterUsage) {
  if (usage.events !== undefined) return usage.events;
  if (usage.eventCount === 0n) return [];
  throw new RangeError("This rate card is priced event by event (needsEvents): pass the period's events.");
}
