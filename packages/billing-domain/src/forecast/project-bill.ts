import { type Bill, rateBill } from "../bill.ts";
import { type Decimal, decimal, sumDecimals, ZERO } from "../decimal.ts";
import type { Money } from "../money.ts";
import type { PlanDefinition } from "../plan.ts";
import type { DimensionUsage, MeterUsage, RatedEvent } from "../rating/index.ts";
import type { EpochMs } from "../window.ts";
import type { PeriodForecast } from "./forecast-period.ts";

/** A meter of the projected period: what it has counted so far, and what it is forecast to have counted at the end. */
export type ProjectedUsage = { usage: MeterUsage; forecast: PeriodForecast };

/** The bill at the period's end, rated by the plan: if all meters end low, as expected, or high. */
export type ProjectedBill = { low: Bill; expected: Bill; high: Bill };

/** Events that a percentage card may be given for what is to come; beyond it each stands for several. */
const MOST_MADE_EVENTS = 10_000n;
/** Decimals of the size of such an event. */
const MADE_PLACES = 12;

/**
 * Rates what is forecast exactly as it will be billed. Meters are taken to move together, which errs on the wide side.
 * What is to come is split over a matrix as what has come was, and over events of their average size.
 */
export function projectBill(
  plan: PlanDefinition,
  usages: ReadonlyMap<string, ProjectedUsage>,
  of: { periodShare: Decimal; periodEndAt: EpochMs },
): ProjectedBill {
  const billed = (side: "low" | "expected" | "high") => {
    const grown = [...usages].map(([key, { usage, forecast }]): [string, MeterUsage] => [
      key,
      grownUsage(usage, forecast[side], of.periodEndAt),
    ]);
    return rateBill(plan, new Map(grown), { periodShare: of.periodShare });
  };
  const [expected, ...others] = [billed("expected"), billed("low"), billed("high")];
  // More usage can cost less where the whole volume moves into a cheaper tier.
  const sorted = [expected, ...others].toSorted((left, right) => compareMoney(left.total, right.total));
  const [low = expected, , high = expected] = sorted;
  return { low, expected, high };
}

function compareMoney(left: Money, right: Money): number {
  return left.amountMinor < right.amountMinor ? -1 : left.amountMinor > right.amountMinor ? 1 : 0;
}

/** A meter's usage as it would be if it came to `target`. */
export function grownUsage(usage: MeterUsage, target: Decimal, at: EpochMs): MeterUsage {
  const now = usage.quantity ?? ZERO;
  if (usage.quantity === null && target.eq(ZERO)) return usage;
  const grown: MeterUsage = { ...usage, quantity: target };
  if (usage.byDimension !== undefined) grown.byDimension = grownDimensions(usage.byDimension, target);
  if (usage.events !== undefined) grown.events = grownEvents(usage.events, target.minus(now), at);
  return grown;
}

/** Split as so far; what is left of a division goes to the first, so that the parts sum to the whole. */
function grownDimensions(dimensions: readonly DimensionUsage[], target: Decimal): DimensionUsage[] {
  const total = sumDecimals(dimensions.map((one) => one.quantity));
  if (total.lte(ZERO)) return [...dimensions];
  const grown = dimensions.map((one) => ({ ...one, quantity: one.quantity.times(target).div(total) }));
  const missing = target.minus(sumDecimals(grown.map((one) => one.quantity)));
  const [first, ...rest] = grown;
  return first === undefined ? [] : [{ ...first, quantity: first.quantity.plus(missing) }, ...rest];
}

/** So many events of the average size as make up what is to come; together with the known ones they are the target exactly. */
function grownEvents(events: Iterable<RatedEvent>, more: Decimal, at: EpochMs): RatedEvent[] {
  const known = [...events];
  if (more.eq(ZERO)) return known;
  const total = sumDecimals(known.map((event) => event.quantity));
  const hasSize = known.length > 0 && total.gt(ZERO) && more.gt(ZERO);
  const wanted = hasSize ? wholeOf(more.times(decimal(BigInt(known.length))).div(total)) : 1n;
  const count = wanted < 1n ? 1n : wanted > MOST_MADE_EVENTS ? MOST_MADE_EVENTS : wanted;
  const quantity = more.div(decimal(count)).round(MADE_PLACES);
  for (let made = 1n; made < count; made += 1n) known.push({ quantity, occurredAt: at - 1 });
  // The last takes what rounding left.
  known.push({ quantity: more.minus(quantity.times(decimal(count - 1n))), occurredAt: at - 1 });
  return known;
}

function wholeOf(value: Decimal): bigint {
  return BigInt(value.round(0).toFixed(0));
}
