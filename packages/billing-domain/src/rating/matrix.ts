import { type Decimal, decimal, minDecimal, sumDecimals, ZERO } from "../decimal.ts";
import type { MatrixPrice } from "../price-model.ts";
import type { MeterUsage, ModelCharge, TierCharge } from "./rated-line.ts";
import { unitCharge } from "./tier-charge.ts";

/** A price of the matrix with what was used at it. */
type Bucket = { label: string; unitPrice: Decimal; used: Decimal };

/**
 * Units priced by property values. A combination without a cell, and the reserved "(other)", take the default price.
 *
 * What is not billed (the allowance, and negative totals of single combinations) comes off in the order in which the
 * card lists its cells, the default last: the operator can read and choose that order, and it does not shift when
 * prices, names or the order of events do. So the units that are priced always sum to the line's billable quantity.
 */
export function rateMatrix(price: MatrixPrice, usage: MeterUsage, includedQuantity: Decimal): ModelCharge {
  const buckets = bucketsOf(price, usage);
  const owed = buckets.filter((bucket) => bucket.used.lt(ZERO)).map((bucket) => ZERO.minus(bucket.used));
  let notBilled = includedQuantity.plus(sumDecimals(owed));
  let billableQuantity = ZERO;
  const tiers: TierCharge[] = [];
  for (const { label, unitPrice, used } of buckets) {
    if (used.eq(ZERO)) continue;
    if (used.lt(ZERO)) {
      tiers.push({ ...unitCharge(`${label}, set off against the rest`, used, ZERO), unitPrice: null });
      continue;
    }
    const free = minDecimal(used, notBilled);
    notBilled = notBilled.minus(free);
    const billed = used.minus(free);
    billableQuantity = billableQuantity.plus(billed);
    tiers.push(unitCharge(label, billed, unitPrice));
  }
  return { billableQuantity, tiers };
}

/** One bucket for each cell in the card's order, then one for everything else. */
function bucketsOf(price: MatrixPrice, usage: MeterUsage): Bucket[] {
  const buckets: Bucket[] = price.cells.map((cell) => ({
    label: cell.values.map((value, index) => `${price.properties[index]}: ${value === "" ? "none" : value}`).join(", "),
    unitPrice: decimal(cell.unitPrice),
    used: ZERO,
  }));
  const rest: Bucket = { label: "Everything else", unitPrice: decimal(price.defaultUnitPrice), used: ZERO };
  const cellOf = new Map(price.cells.map((cell, index) => [JSON.stringify(cell.values), buckets[index]]));
  const positions = positionsOf(price, usage);
  let sum = ZERO;
  for (const { values, quantity } of usage.byDimension ?? []) {
    const bucket = cellOf.get(JSON.stringify(positions.map((position) => values[position]))) ?? rest;
    bucket.used = bucket.used.plus(quantity);
    sum = sum.plus(quantity);
  }
  if (!sum.eq(usage.quantity ?? ZERO)) {
    throw new RangeError("A matrix needs the meter's totals by combination, and they must sum to its quantity.");
  }
  return [...buckets, rest];
}

/** Where each property of the card stands in the usage's combinations, which may have more properties than the card. */
function positionsOf(price: MatrixPrice, usage: MeterUsage): number[] {
  if (usage.byDimension === undefined || usage.byDimension.length === 0) return [];
  return price.properties.map((property) => {
    const position = usage.groupBy?.indexOf(property) ?? -1;
    if (position < 0) throw new RangeError(`The meter does not group by "${property}", which its matrix is priced by.`);
    return position;
  });
}
