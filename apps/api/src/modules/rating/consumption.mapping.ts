import {
  type Decimal,
  formatDecimal,
  type LateLine,
  type RatedLine,
  type TierCharge,
  zeroMoney,
} from "@meterline/billing-domain";
import { invariant, mapMoney } from "../../platform/graphql/index.ts";
import { type MeterRow, mapMeter, mapPlanSubscription } from "../catalog/index.ts";
import type { CustomerType } from "../customers/index.ts";
import type { ConsumptionView } from "./consumption.service.ts";
import type { Consumption, ConsumptionLine, LateLineType, TierChargeType } from "./consumption.types.ts";

/** A bill as the API shows it: the plan's lines in its order, then meters that were used and have no price. */
export function mapConsumption(view: ConsumptionView, customer: CustomerType): Consumption {
  const { bill, period } = view;
  const priced = new Set(bill.lines.map((line) => line.meterKey));
  const unpriced = [...view.usages.keys()].filter((key) => !priced.has(key)).toSorted();
  return {
    customer,
    subscription: period.term === null ? null : mapPlanSubscription(period.term),
    period: { start: period.window.startAt, end: period.window.endAt, state: view.state },
    baseFee: mapMoney(bill.baseFee),
    lines: [...bill.lines.map((line) => mapLine(line, view)), ...unpriced.map((key) => mapUnpriced(key, view))],
    adjustments: bill.adjustments.map(({ label, amount }) => ({ label, amount: mapMoney(amount) })),
    lateLines: view.lateLines.map((line) => mapLateLine(line, view.meters)),
    total: mapMoney(view.total),
    limit: view.limits.get("") ?? null,
    completeThrough: view.completeThrough,
  };
}

function mapLine(line: RatedLine, view: ConsumptionView): ConsumptionLine {
  const meter = view.meters.get(line.meterKey);
  invariant(meter, `meter ${line.meterKey} of a rate card is there`);
  const card = view.period.term?.plan.rateCards.find((one) => one.meterKey === line.meterKey);
  return {
    ...mapRatedLine(line),
    meterKey: line.meterKey,
    meter: mapMeter(meter),
    eventCount: (view.usages.get(line.meterKey)?.eventCount ?? 0n).toString(),
    model: card?.model ?? null,
    limit: view.limits.get(line.meterKey) ?? null,
  };
}

/** How a line was priced, as the API shows it. */
export function mapRatedLine(line: RatedLine) {
  return {
    quantity: formatDecimal(line.quantity),
    hasValue: line.hasValue,
    includedQuantity: formatDecimal(line.includedQuantity),
    billableQuantity: formatDecimal(line.billableQuantity),
    remainingQuantity: textOf(line.remainingQuantity),
    amount: mapMoney(line.amount),
    unroundedAmount: formatDecimal(line.unroundedAmount),
    tiers: line.tiers.map(mapTier),
  };
}

/** A late line as the API shows it. */
export function mapLateLine(line: LateLine, meters: ReadonlyMap<string, MeterRow>): LateLineType {
  const { source, billed, known } = line;
  const meter = line.meterKey === null ? undefined : meters.get(line.meterKey);
  return {
    meterKey: line.meterKey,
    meter: meter === undefined ? null : mapMeter(meter),
    source: { start: source.startAt, end: source.endAt, state: "CLOSED" },
    quantity: formatDecimal(line.quantity),
    amount: mapMoney(line.amount),
    isUncharged: line.isUncharged ?? false,
    billedQuantity: formatDecimal(billed.quantity),
    billedAmount: mapMoney(billed.amount),
    knownQuantity: known === null ? null : formatDecimal(known.quantity),
    knownAmount: known === null ? null : mapMoney(known.amount),
    tiers: known === null ? [] : known.tiers.map(mapTier),
  };
}

function mapUnpriced(meterKey: string, view: ConsumptionView): ConsumptionLine {
  const meter = view.meters.get(meterKey);
  const usage = view.usages.get(meterKey);
  invariant(meter && usage, `meter ${meterKey} was used`);
  return {
    meterKey,
    meter: mapMeter(meter),
    quantity: textOf(usage.quantity) ?? "0",
    eventCount: usage.eventCount.toString(),
    hasValue: usage.quantity !== null,
    includedQuantity: "0",
    billableQuantity: "0",
    remainingQuantity: null,
    amount: mapMoney(zeroMoney(view.bill.total.currency)),
    unroundedAmount: "0",
    tiers: [],
    model: null,
    limit: view.limits.get(meterKey) ?? null,
  };
}

function mapTier(tier: TierCharge): TierChargeType {
  return {
    label: tier.label,
    from: textOf(tier.from),
    upTo: textOf(tier.upTo),
    quantity: formatDecimal(tier.quantity),
    unitPrice: textOf(tier.unitPrice),
    flatAmount: textOf(tier.flatAmount),
    unroundedAmount: formatDecimal(tier.unroundedAmount),
  };
}

function textOf(value: Decimal | null): string | null {
  return value === null ? null : formatDecimal(value);
}
