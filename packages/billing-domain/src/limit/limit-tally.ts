import { rateBill } from "../bill.ts";
import { type Decimal, decimal, maxDecimal, ONE, ZERO } from "../decimal.ts";
import type { Aggregation } from "../meter.ts";
import { majorAmount } from "../money.ts";
import type { PlanDefinition } from "../plan.ts";
import type { DimensionUsage, MeterUsage } from "../rating/index.ts";
import { propertyText, type UsageProperties } from "../usage-properties.ts";
import type { EpochMs, Window } from "../window.ts";
import type { LimitInForce } from "./limits-in-force.ts";

/** What is about to be used, as limits look at it. */
export type LimitedUsage = {
  meterKey: string;
  aggregation: Aggregation;
  quantity: Decimal;
  occurredAt: EpochMs;
  /** The distinct thing of a UNIQUE_COUNT meter. */
  uniqueValue: string | null;
  properties: UsageProperties | null;
  /** The meter's group-by properties and the event's values of them; for bills that are priced by them. */
  groupBy: readonly string[];
  dimensionValues: readonly string[] | null;
};

/** What one limit has counted in one window: so much used, and so much held for work that is under way. */
export type LimitTally = UnitTally | MoneyTally;

type TallyOf = { limit: LimitInForce; window: Window };

/** Of a limit in units. `used` is null where the aggregation has no value yet. */
export type UnitTally = TallyOf & {
  kind: "UNITS";
  used: Decimal | null;
  held: Decimal;
  /** LATEST: when the value is from. */
  latestAt: EpochMs | null;
  /** UNIQUE_COUNT: those of the values asked about that were seen already. */
  seen: ReadonlySet<string>;
};

/** Of a limit in money: the period's usage by meter, and beside it what is held of each. */
export type MoneyTally = TallyOf & {
  kind: "MONEY";
  plan: PlanDefinition;
  periodShare: Decimal;
  usages: ReadonlyMap<string, MeterUsage>;
  held: ReadonlyMap<string, MeterUsage>;
  /** UNIQUE_COUNT meters: values that were seen already, as `meterKey value`. */
  seen: ReadonlySet<string>;
};

/** Whether usage counts towards a limit at all: its meter, and its property value where the limit names one. */
export function limitCounts(limit: LimitInForce["definition"], usage: LimitedUsage): boolean {
  if (limit.meterKey !== undefined && limit.meterKey !== usage.meterKey) return false;
  const { property } = limit;
  return property === undefined || propertyText(usage.properties, property.name) === property.value;
}

/** The bound itself: units, or money in major units. */
export function boundOf({ limit: { definition } }: LimitTally): Decimal {
  return decimal(definition.quantity ?? definition.amount ?? "0");
}

/** What counts as used: units, or money of the bill in major units. */
export function usedOf(tally: LimitTally): Decimal {
  if (tally.kind === "UNITS") return tally.used ?? ZERO;
  return amountOf(tally, tally.usages);
}

/** What is used and held together, in the limit's own measure; what is held of money is priced on top of what is used. */
export function takenOf(tally: LimitTally): Decimal {
  if (tally.kind === "UNITS") return usedOf(tally).plus(tally.held);
  return amountOf(tally, joined(tally.usages, tally.held));
}

/** The tally with usage added to what is used. */
export function tallyWith(tally: LimitTally, usage: LimitedUsage): LimitTally {
  if (tally.kind === "UNITS") return unitsWith(tally, usage);
  const isKnown = usage.uniqueValue !== null && tally.seen.has(seenKey(usage));
  const usages = new Map(tally.usages);
  usages.set(usage.meterKey, usageWith(tally.usages.get(usage.meterKey), usage, isKnown));
  const seen = usage.uniqueValue === null || isKnown ? tally.seen : new Set([...tally.seen, seenKey(usage)]);
  return { ...tally, usages, seen };
}

/** The tally with units of a hold given back, or (negative) held. */
export function tallyReleasing(tally: LimitTally, usage: LimitedUsage, units: Decimal): LimitTally {
  if (units.eq(ZERO)) return tally;
  if (tally.kind === "UNITS") return { ...tally, held: tally.held.minus(units) };
  const held = new Map(tally.held);
  const released = { ...usage, quantity: ZERO.minus(units), uniqueValue: null };
  held.set(usage.meterKey, usageWith(held.get(usage.meterKey), { ...released, aggregation: "SUM" }, false));
  return { ...tally, held };
}

/** How `MoneyTally.seen` names a distinct value. */
export function seenKey(usage: { meterKey: string; uniqueValue: string | null }): string {
  return `${usage.meterKey} ${usage.uniqueValue}`;
}

function unitsWith(tally: UnitTally, usage: LimitedUsage): UnitTally {
  const used = tally.used ?? ZERO;
  switch (usage.aggregation) {
    case "SUM":
      return { ...tally, used: used.plus(usage.quantity) };
    case "COUNT":
      return { ...tally, used: used.plus(ONE) };
    case "MAX":
      return { ...tally, used: tally.used === null ? usage.quantity : maxDecimal(used, usage.quantity) };
    case "LATEST":
      if (tally.latestAt !== null && usage.occurredAt < tally.latestAt) return tally;
      return { ...tally, used: usage.quantity, latestAt: usage.occurredAt };
    case "UNIQUE_COUNT": {
      const value = usage.uniqueValue ?? "";
      if (tally.seen.has(value)) return tally;
      return { ...tally, used: used.plus(ONE), seen: new Set([...tally.seen, value]) };
    }
    case "WEIGHTED_SUM":
      return tally;
  }
}

function usageWith(known: MeterUsage | undefined, usage: LimitedUsage, isKnownValue: boolean): MeterUsage {
  const before = known?.quantity ?? null;
  const whole = {
    ...known,
    quantity: quantityWith(before, usage, isKnownValue),
    eventCount: (known?.eventCount ?? 0n) + 1n,
  };
  const { dimensionValues } = usage;
  if (dimensionValues === null) return whole;
  const key = JSON.stringify(dimensionValues);
  const rows: readonly DimensionUsage[] = known?.byDimension ?? [];
  const others = rows.filter((row) => JSON.stringify(row.values) !== key);
  const own = rows.find((row) => JSON.stringify(row.values) === key)?.quantity ?? null;
  const quantity = quantityWith(own, usage, false) ?? ZERO;
  return { ...whole, groupBy: usage.groupBy, byDimension: [...others, { values: dimensionValues, quantity }] };
}

function quantityWith(before: Decimal | null, usage: LimitedUsage, isKnownValue: boolean): Decimal | null {
  switch (usage.aggregation) {
    case "SUM":
      return (before ?? ZERO).plus(usage.quantity);
    case "COUNT":
      return (before ?? ZERO).plus(ONE);
    case "UNIQUE_COUNT":
      return isKnownValue ? (before ?? ZERO) : (before ?? ZERO).plus(ONE);
    case "MAX":
      return before === null ? usage.quantity : maxDecimal(before, usage.quantity);
    // No hard limit on money stands over these two, and the others are read as they stand after the commit.
    case "LATEST":
    case "WEIGHTED_SUM":
      return before;
  }
}

/** What is used with what is held on top of it, as if all of it were recorded. */
function joined(
  usages: ReadonlyMap<string, MeterUsage>,
  held: ReadonlyMap<string, MeterUsage>,
): ReadonlyMap<string, MeterUsage> {
  if (held.size === 0) return usages;
  const all = new Map(usages);
  for (const [meterKey, more] of held) {
    const known = usages.get(meterKey);
    const rows = new Map((known?.byDimension ?? []).map((row) => [JSON.stringify(row.values), row]));
    for (const row of more.byDimension ?? []) {
      const key = JSON.stringify(row.values);
      rows.set(key, { ...row, quantity: (rows.get(key)?.quantity ?? ZERO).plus(row.quantity) });
    }
    const groupBy = known?.groupBy ?? more.groupBy;
    all.set(meterKey, {
      ...known,
      quantity: (known?.quantity ?? ZERO).plus(more.quantity ?? ZERO),
      eventCount: (known?.eventCount ?? 0n) + more.eventCount,
      ...(groupBy === undefined ? {} : { groupBy, byDimension: [...rows.values()] }),
    });
  }
  return all;
}

/** The bill, or one line of it, in major units. */
function amountOf(tally: MoneyTally, usages: ReadonlyMap<string, MeterUsage>): Decimal {
  const bill = rateBill(tally.plan, usages, { periodShare: tally.periodShare });
  const { meterKey } = tally.limit.definition;
  if (meterKey === undefined) return majorAmount(bill.total);
  const line = bill.lines.find((one) => one.meterKey === meterKey);
  return line === undefined ? ZERO : majorAmount(line.amount);
}
