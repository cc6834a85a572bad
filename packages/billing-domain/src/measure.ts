import { type Decimal, decimal, roundHalfUp, ZERO } from "./decimal.ts";
import type { Aggregation } from "./meter.ts";
import { heldUntil, type UsageState } from "./usage-state.ts";
import type { Window } from "./window.ts";

/** What a measure needs beside the state. */
export type MeasureContext = {
  /** The window that the state's events lie in. */
  window: Window;
  /** WEIGHTED_SUM: the level in force before the window, where the meter carries over; else null. */
  levelBefore: Decimal | null;
  /** UNIQUE_COUNT: the number of distinct values where they were counted elsewhere and are not in the state. */
  uniqueCount?: bigint;
};

const HOUR_MS = decimal("3600000");
/** Decimals of a time-weighted quantity: as many as a quantity may have. */
const WEIGHTED_DECIMALS = 12;

/**
 * What was measured, or null for "no value": MAX and LATEST of nothing. SUM, COUNT and UNIQUE_COUNT of nothing are 0.
 * WEIGHTED_SUM is each level times the hours it was held within the window (a level of 2 for 3 hours is 6), rounded
 * half up at the 12th decimal: the only aggregation that rounds, because an hour does not divide every time exactly.
 */
export function measure(aggregation: Aggregation, state: UsageState, context: MeasureContext): Decimal | null {
  switch (aggregation) {
    case "SUM":
      return state.quantitySum;
    case "COUNT":
      return decimal(state.eventCount);
    case "MAX":
      return state.quantityMax;
    case "LATEST":
      return state.latest?.quantity ?? null;
    case "UNIQUE_COUNT":
      return decimal(context.uniqueCount ?? BigInt(state.uniqueValues?.size ?? 0));
    case "WEIGHTED_SUM":
      return weightedSum(state, context);
  }
}

function weightedSum(state: UsageState, { window, levelBefore }: MeasureContext): Decimal {
  const opening = levelBefore ?? ZERO;
  const openingLevel = { quantity: opening, occurredAt: window.startAt, receivedAt: window.startAt };
  const { first, latest } = state;
  const area =
    first === null || latest === null
      ? heldUntil(openingLevel, window.endAt)
      : heldUntil(openingLevel, first.occurredAt).plus(state.levelArea).plus(heldUntil(latest, window.endAt));
  return roundHalfUp(area.div(HOUR_MS), WEIGHTED_DECIMALS);
}
