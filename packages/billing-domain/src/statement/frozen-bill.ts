import type { Bill } from "../bill.ts";
import { type Decimal, decimal, formatDecimal } from "../decimal.ts";
import { type Money, sumMoney } from "../money.ts";
import type { MeterUsage, RatedLine, TierCharge } from "../rating/index.ts";

/** The same shape with every decimal and every `bigint` as text: what JSON keeps exactly. */
type AsText<T> = T extends Decimal | bigint
  ? string
  : T extends readonly (infer Item)[]
    ? AsText<Item>[]
    : T extends object
      ? { [Key in keyof T]: AsText<T[Key]> }
      : T;

/** A rated line as JSON. */
export type RatedLineText = AsText<RatedLine>;

/** What was used of a meter, as JSON; without the parts that only rating needs. */
export type MeterUsageText = { meterKey: string; quantity: string | null; eventCount: string };

/**
 * A bill as it stood when its billing period was frozen, as JSON: every decimal is exact text, so what is read back is
 * what was written, for ever. `format` is raised when the shape changes; old rows are never rewritten.
 */
export type FrozenBill = {
  format: 1;
  currency: string;
  baseFeeMinor: string;
  lines: RatedLineText[];
  adjustments: { label: string; amountMinor: string }[];
  totalMinor: string;
  usages: MeterUsageText[];
};

/** What a frozen bill was made from: the bill, and what was used of every meter, by key. */
export type ThawedBill = { bill: Bill; usages: Map<string, MeterUsage> };

/** Writes a bill down. `usages` also holds meters that were used and have no price. */
export function freezeBill(bill: Bill, usages: ReadonlyMap<string, MeterUsage>): FrozenBill {
  return {
    format: 1,
    currency: bill.total.currency,
    baseFeeMinor: bill.baseFee.amountMinor.toString(),
    lines: bill.lines.map(ratedLineText),
    adjustments: bill.adjustments.map(({ label, amount }) => ({ label, amountMinor: amount.amountMinor.toString() })),
    totalMinor: bill.total.amountMinor.toString(),
    usages: [...usages].map(([meterKey, { quantity, eventCount }]) => ({
      meterKey,
      quantity: quantity === null ? null : formatDecimal(quantity),
      eventCount: eventCount.toString(),
    })),
  };
}

/** Reads a frozen bill back. @throws RangeError when its parts do not sum to its total: it was not written by us. */
export function thawBill(frozen: FrozenBill): ThawedBill {
  const { currency } = frozen;
  const money = (amountMinor: string): Money => ({ amountMinor: BigInt(amountMinor), currency });
  const baseFee = money(frozen.baseFeeMinor);
  const lines = frozen.lines.map(ratedLineOf);
  const adjustments = frozen.adjustments.map(({ label, amountMinor }) => ({ label, amount: money(amountMinor) }));
  const total = money(frozen.totalMinor);
  const parts = [baseFee, ...lines.map((line) => line.amount), ...adjustments.map((one) => one.amount)];
  if (sumMoney(parts, currency).amountMinor !== total.amountMinor) {
    throw new RangeError("The parts of a frozen bill do not sum to its total.");
  }
  const usages = frozen.usages.map(({ meterKey, quantity, eventCount }): [string, MeterUsage] => [
    meterKey,
    { quantity: quantity === null ? null : decimal(quantity), eventCount: BigInt(eventCount) },
  ]);
  return { bill: { baseFee, lines, adjustments, total }, usages: new Map(usages) };
}

/** A rated line as JSON. */
export function ratedLineText(line: RatedLine): RatedLineText {
  return {
    meterKey: line.meterKey,
    quantity: formatDecimal(line.quantity),
    hasValue: line.hasValue,
    includedQuantity: formatDecimal(line.includedQuantity),
    billableQuantity: formatDecimal(line.billableQuantity),
    remainingQuantity: textOf(line.remainingQuantity),
    carryForwardQuantity: formatDecimal(line.carryForwardQuantity),
    tiers: line.tiers.map((tier) => ({
      label: tier.label,
      from: textOf(tier.from),
      upTo: textOf(tier.upTo),
      quantity: formatDecimal(tier.quantity),
      unitPrice: textOf(tier.unitPrice),
      flatAmount: textOf(tier.flatAmount),
      unroundedAmount: formatDecimal(tier.unroundedAmount),
    })),
    unroundedAmount: formatDecimal(line.unroundedAmount),
    amount: { amountMinor: line.amount.amountMinor.toString(), currency: line.amount.currency },
  };
}

/** A rated line back from JSON. */
export function ratedLineOf(text: RatedLineText): RatedLine {
  return {
    meterKey: text.meterKey,
    quantity: decimal(text.quantity),
    hasValue: text.hasValue,
    includedQuantity: decimal(text.includedQuantity),
    billableQuantity: decimal(text.billableQuantity),
    remainingQuantity: decimalOf(text.remainingQuantity),
    carryForwardQuantity: decimal(text.carryForwardQuantity),
    tiers: text.tiers.map(
      (tier): TierCharge => ({
        label: tier.label,
        from: decimalOf(tier.from),
        upTo: decimalOf(tier.upTo),
        quantity: decimal(tier.quantity),
        unitPrice: decimalOf(tier.unitPrice),
        flatAmount: decimalOf(tier.flatAmount),
        unroundedAmount: decimal(tier.unroundedAmount),
      }),
    ),
    unroundedAmount: decimal(text.unroundedAmount),
    amount: { amountMinor: BigInt(text.amount.amountMinor), currency: text.amount.currency },
  };
}

function textOf(value: Decimal | null): string | null {
  return value === null ? null : formatDecimal(value);
}

function decimalOf(text: string | null): Decimal | null {
  return text === null ? null : decimal(text);
}
