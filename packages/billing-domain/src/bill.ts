import { type Decimal, decimal, ONE, ZERO } from "./decimal.ts";
import { addMoney, type Money, negateMoney, roundToMoney, sumMoney } from "./money.ts";
import type { PlanDefinition } from "./plan.ts";
import { prorateAmount } from "./proration.ts";
import { boundsInForce } from "./rating/charge-bounds.ts";
import { type MeterUsage, type RatedLine, rateUsage } from "./rating/index.ts";

/** A signed amount that belongs to the whole bill, such as what its minimum adds. */
export type BillAdjustment = { label: string; amount: Money };

/** What a customer owes for one period of a plan. `total` is the base fee, the lines and the adjustments, to the cent. */
export type Bill = { baseFee: Money; lines: RatedLine[]; adjustments: BillAdjustment[]; total: Money };

/** Nothing was measured: what a meter has that the caller has no usage of. */
const NO_USAGE: MeterUsage = { quantity: ZERO, eventCount: 0n };

/**
 * Prices a whole period: the base fee for the share of the period that is billed, one line for each rate card in the
 * plan's order, and the bill's minimum or maximum as an adjustment. Each part is rounded once, then they are summed.
 * `usages` is by meter key; a meter that is missing there has not been used, and one without a rate card is not billed.
 */
export function rateBill(
  plan: PlanDefinition,
  usages: ReadonlyMap<string, MeterUsage>,
  { periodShare = ONE }: { periodShare?: Decimal } = {},
): Bill {
  const { currency } = plan;
  const baseFee = roundToMoney(prorateAmount(decimal(plan.baseAmount), periodShare), currency);
  const lines = plan.rateCards.map((card) =>
    rateUsage(card, usages.get(card.meterKey) ?? NO_USAGE, { currency, periodShare }),
  );
  const charged = sumMoney([baseFee, ...lines.map((line) => line.amount)], currency);
  const adjustments = boundAdjustments(plan, charged, periodShare);
  const total = sumMoney([charged, ...adjustments.map((adjustment) => adjustment.amount)], currency);
  return { baseFee, lines, adjustments, total };
}

/** The bill's own minimum and maximum look at what the customer would pay: the rounded fee and lines together. */
function boundAdjustments(plan: PlanDefinition, charged: Money, periodShare: Decimal): BillAdjustment[] {
  const { minimum, maximum } = boundsInForce(plan, periodShare);
  const least = minimum === null ? null : roundToMoney(minimum, plan.currency);
  const most = maximum === null ? null : roundToMoney(maximum, plan.currency);
  if (least !== null && charged.amountMinor < least.amountMinor) {
    return [{ label: "Minimum charge", amount: addMoney(least, negateMoney(charged)) }];
  }
  if (most !== null && charged.amountMinor > most.amountMinor) {
    return [{ label: "Maximum charge", amount: addMoney(most, negateMoney(charged)) }];
  }
  return [];
}
