import { type Decimal, decimal, maxDecimal, ZERO } from "./decimal.ts";
import type { EpochMs } from "./window.ts";

/** One event that counts, as aggregation sees it. */
export type CountedEvent = {
  quantity: Decimal;
  occurredAt: EpochMs;
  receivedAt: EpochMs;
  uniqueValue?: string | null;
};

/** A value at a time. Of two at one time the one received later stands, then the greater. */
export type TimedQuantity = { quantity: Decimal; occurredAt: EpochMs; receivedAt: EpochMs };

/**
 * What is kept of any number of events: enough for every aggregation, of a size that does not grow with them (but for
 * the distinct values). Two states of disjoint events merge into the state of all of them.
 */
export type UsageState = {
  eventCount: bigint;
  quantitySum: Decimal;
  quantityMax: Decimal | null;
  /** The earliest and the latest event, by time, then receipt, then quantity. */
  first: TimedQuantity | null;
  latest: TimedQuantity | null;
  /** Each event's quantity held until the next one, from `first` to `latest`: unit x milliseconds. */
  levelArea: Decimal;
  /** Null where no event has a distinct value. */
  uniqueValues: ReadonlySet<string> | null;
};

const EMPTY: UsageState = {
  eventCount: 0n,
  quantitySum: ZERO,
  quantityMax: null,
  first: null,
  latest: null,
  levelArea: ZERO,
  uniqueValues: null,
};

/** The state of no events. */
export function emptyUsageState(): UsageState {
  return EMPTY;
}

/** The state of events in any order. */
export function stateOfEvents(events: Iterable<CountedEvent>): UsageState {
  const ordered = [...events];
  const [only] = ordered;
  if (only === undefined) return EMPTY;
  if (ordered.length > 1) ordered.sort(compareTimed);
  const first = ordered[0] ?? only;
  let latest = first;
  let quantitySum = ZERO;
  let quantityMax = first.quantity;
  let levelArea = ZERO;
  let uniqueValues: Set<string> | null = null;
  for (const event of ordered) {
    quantitySum = quantitySum.plus(event.quantity);
    quantityMax = maxDecimal(quantityMax, event.quantity);
    if (event.occurredAt !== latest.occurredAt) levelArea = levelArea.plus(heldUntil(latest, event.occurredAt));
    latest = event;
    if (typeof event.uniqueValue === "string") {
      uniqueValues ??= new Set();
      uniqueValues.add(event.uniqueValue);
    }
  }
  return {
    eventCount: BigInt(ordered.length),
    quantitySum,
    quantityMax,
    first: timed(first),
    latest: timed(latest),
    levelArea,
    uniqueValues,
  };
}

/**
 * The state of the events of both. Sums, counts, maxima, latest values and distinct values merge in any order; levels
 * (`levelArea`) need `earlier` to end before `later` begins, because what lies between two levels depends on both.
 */
export function mergeUsageStates(earlier: UsageState, later: UsageState): UsageState {
  if (earlier.eventCount === 0n) return later;
  if (later.eventCount === 0n) return earlier;
  return {
    eventCount: earlier.eventCount + later.eventCount,
    quantitySum: earlier.quantitySum.plus(later.quantitySum),
    quantityMax: mergeMaxima(earlier.quantityMax, later.quantityMax),
    first: extreme(earlier.first, later.first, -1),
    latest: extreme(earlier.latest, later.latest, 1),
    levelArea: mergeAreas(earlier, later),
    uniqueValues: mergeSets(earlier.uniqueValues, later.uniqueValues),
  };
}

/** Negative when `left` comes before `right`: by time, then receipt, then quantity, so that arrival order never decides. */
export function compareTimed(left: TimedQuantity, right: TimedQuantity): number {
  return left.occurredAt - right.occurredAt || left.receivedAt - right.receivedAt || left.quantity.cmp(right.quantity);
}

/** A level held from its event up to an instant: unit x milliseconds. */
export function heldUntil(level: TimedQuantity, until: EpochMs): Decimal {
  return level.quantity.times(decimal(BigInt(until - level.occurredAt)));
}

function timed({ quantity, occurredAt, receivedAt }: CountedEvent): TimedQuantity {
  return { quantity, occurredAt, receivedAt };
}

function extreme(left: TimedQuantity | null, right: TimedQuantity | null, sign: 1 | -1): TimedQuantity | null {
  if (left === null || right === null) return left ?? right;
  return compareTimed(left, right) * sign >= 0 ? left : right;
}

function mergeMaxima(left: Decimal | null, right: Decimal | null): Decimal | null {
  return left === null || right === null ? (left ?? right) : maxDecimal(left, right);
}

function mergeAreas(earlier: UsageState, later: UsageState): Decimal {
  const between =
    earlier.latest === null || later.first === null ? ZERO : heldUntil(earlier.latest, later.first.occurredAt);
  return earlier.levelArea.plus(between).plus(later.levelArea);
}

function mergeSets(left: ReadonlySet<string> | null, right: ReadonlySet<string> | null): ReadonlySet<string> | null {
  return left === null || right === null ? (left ?? right) : new Set([...left, ...right]);
}
