import { type Decimal, decimal, formatDecimal } from "../decimal.ts";
import type { TierCharge } from "./rated-line.ts";
import { unitCharge } from "./tier-charge.ts";

const HUNDREDTH = decimal("0.01");

/** A rate as a factor: 2.9 per cent is 0.029. Exact, because it is a product. */
export function factorOf(ratePercent: string): Decimal {
  return decimal(ratePercent).times(HUNDREDTH);
}

/** How a rate is named on a row: "2.9% of the amount". */
export function rateLabel(ratePercent: string): string {
  return `${formatDecimal(decimal(ratePercent))}% of the amount`;
}

/** The row of a rate on an amount. A rate is no unit price, so none is shown. */
export function rateCharge(ratePercent: string, billable: Decimal): TierCharge {
  return { ...unitCharge(rateLabel(ratePercent), billable, factorOf(ratePercent)), unitPrice: null };
}

/** The row of the fee per event; its quantity counts events. */
export function fixedCharge(fixedAmount: string, events: bigint): TierCharge {
  return unitCharge("Fixed fee per event", decimal(events), decimal(fixedAmount));
}
