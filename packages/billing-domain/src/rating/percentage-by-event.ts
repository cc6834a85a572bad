import { type Decimal, decimal, maxDecimal, minDecimal, sumDecimals, ZERO } from "../decimal.ts";
import type { PercentagePrice } from "../price-model.ts";
import { factorOf, fixedCharge, rateCharge } from "./percentage-rate.ts";
import type { ModelCharge, RatedEvent, TierCharge } from "./rated-line.ts";
import { flatCharge, freeCharge, sumOfCharges } from "./tier-charge.ts";

/** What is added up over the events that are not free. */
type Tally = { billed: Decimal; fees: bigint; raised: Decimal; cut: Decimal };

/**
 * Prices events one by one, in the order in which they happened; events of one instant keep the order they are given
 * in. An event costs something once it is past the free events and the period's running total is past the free amount;
 * its billed amount is the part past both. A refund (a negative event) takes back what it took off the billed amount,
 * but never more than the cap, and is no reason for a floor.
 */
export function ratePercentageByEvent(
  price: PercentagePrice,
  events: Iterable<RatedEvent>,
  freeAmount: Decimal,
): ModelCharge & { total: Decimal } {
  const inOrder = [...events].sort((left, right) => left.occurredAt - right.occurredAt);
  const free = inOrder.slice(0, price.freeEvents ?? 0);
  let total = sumDecimals(free.map((event) => event.quantity));
  // What the free events came to is free for good: a later refund of one of them must not become a credit.
  const threshold = maxDecimal(freeAmount, total);
  const tally: Tally = { billed: ZERO, fees: 0n, raised: ZERO, cut: ZERO };
  const boundFee = feeBounds(price);
  for (const { quantity } of inOrder.slice(free.length)) {
    const before = billedAt(total, threshold);
    total = total.plus(quantity);
    const billed = billedAt(total, threshold).minus(before);
    if (freeAmount.gt(ZERO) && total.lte(freeAmount) && billed.eq(ZERO)) continue;
    tally.billed = tally.billed.plus(billed);
    tally.fees += 1n;
    boundFee({ billed, isRefund: quantity.lt(ZERO) }, tally);
  }
  const tiers = chargesOf(price, decimal(BigInt(free.length)), tally);
  return { billableQuantity: tally.billed, tiers, total };
}

function billedAt(runningTotal: Decimal, threshold: Decimal): Decimal {
  return maxDecimal(runningTotal.minus(threshold), ZERO);
}

/** Adds to the tally what floor and cap change in the fee of an event with this billed amount. */
function feeBounds(price: PercentagePrice): (event: { billed: Decimal; isRefund: boolean }, tally: Tally) => void {
  const floor = price.minimumPerEvent === undefined ? null : decimal(price.minimumPerEvent);
  const cap = price.maximumPerEvent === undefined ? null : decimal(price.maximumPerEvent);
  const fixed = decimal(price.fixedAmount ?? "0");
  const factor = factorOf(price.ratePercent);
  if (floor === null && cap === null) return () => undefined;
  return ({ billed, isRefund }, tally) => {
    const fee = billed.times(factor).plus(fixed);
    if (floor !== null && !isRefund && fee.lt(floor)) tally.raised = tally.raised.plus(floor.minus(fee));
    if (cap === null) return;
    const within = maxDecimal(minDecimal(fee, cap), ZERO.minus(cap));
    tally.cut = tally.cut.plus(within.minus(fee));
  };
}

function chargesOf(price: PercentagePrice, freeEvents: Decimal, tally: Tally): TierCharge[] {
  const tiers: TierCharge[] = [];
  if ((price.freeEvents ?? 0) > 0) tiers.push(freeCharge("Free events", freeEvents));
  tiers.push(rateCharge(price.ratePercent, tally.billed));
  if (price.fixedAmount !== undefined) tiers.push(fixedCharge(price.fixedAmount, tally.fees));
  if (!tally.raised.eq(ZERO)) tiers.push(flatCharge("Minimum per event", tally.raised));
  if (!tally.cut.eq(ZERO)) tiers.push(flatCharge("Maximum per event", tally.cut));
  // Capped charges followed by uncapped refunds can take back more than was charged; a line is never a credit.
  const sum = sumOfCharges(tiers);
  if (sum.lt(ZERO)) tiers.push(flatCharge("Never less than zero", ZERO.minus(sum)));
  return tiers;
}
