import { type Decimal, decimal } from "../decimal.ts";
import type { PerUnitPrice } from "../price-model.ts";
import type { TierCharge } from "./rated-line.ts";
import { unitCharge } from "./tier-charge.ts";

/** Every billable unit at one price. */
export function ratePerUnit(price: PerUnitPrice, billable: Decimal): TierCharge[] {
  return [unitCharge("Price per unit", billable, decimal(price.unitPrice))];
}
