import { type Decimal, sumDecimals, ZERO } from "../decimal.ts";
import type { TierCharge } from "./rated-line.ts";

/** A row of units at a price; its amount is quantity × price, exactly. */
export function unitCharge(label: string, quantity: Decimal, unitPrice: Decimal): TierCharge {
  const unroundedAmount = quantity.times(unitPrice);
  return { label, from: null, upTo: null, quantity, unitPrice, flatAmount: null, unroundedAmount };
}

/** A row that is an amount only, such as a minimum's top-up (positive) or a maximum's cut (negative). */
export function flatCharge(label: string, amount: Decimal): TierCharge {
  const none = { from: null, upTo: null, unitPrice: null };
  return { label, ...none, quantity: ZERO, flatAmount: amount, unroundedAmount: amount };
}

/** A row of units that cost nothing. */
export function freeCharge(label: string, quantity: Decimal): TierCharge {
  return unitCharge(label, quantity, ZERO);
}

/** The exact sum of rows. */
export function sumOfCharges(charges: readonly TierCharge[]): Decimal {
  return sumDecimals(charges.map((charge) => charge.unroundedAmount));
}
