import { type Decimal, decimal, formatDecimal, ONE, ZERO } from "../decimal.ts";
import type { PackagePrice } from "../price-model.ts";
import type { TierCharge } from "./rated-line.ts";
import { unitCharge } from "./tier-charge.ts";

/**
 * Whole packages of the period's billable total, never of single events: rounded once, a begun package in full (or
 * left out, when the card rounds down). The row's quantity counts packages.
 */
export function ratePackage(price: PackagePrice, billable: Decimal): TierCharge[] {
  const size = decimal(price.packageSize);
  const begun = billable.mod(size);
  const whole = billable.minus(begun).div(size);
  const down = price.rounding === "DOWN";
  const packages = begun.eq(ZERO) || down ? whole : whole.plus(ONE);
  const label = `Packages of ${formatDecimal(size)}, rounded ${down ? "down" : "up"}`;
  return [unitCharge(label, packages, decimal(price.packagePrice))];
}
