import { type Aggregation, formatDecimal, type UsageState } from "@meterline/billing-domain";

/** The columns that hold a mergeable usage state, in usage_rollup and usage_period_total alike. */
export type UsageStateColumns = {
  eventCount: string;
  quantitySum: string;
  quantityMax: string | null;
  latestQuantity: string | null;
  latestOccurredAt: string | null;
  latestReceivedAt: string | null;
};

/**
 * A state as columns, holding only what the meter's aggregation reads: a void can take back a count and a sum by
 * arithmetic, but a maximum or a latest value only by looking at the events again.
 */
export function usageStateColumns(aggregation: Aggregation, state: UsageState): UsageStateColumns {
  const latest = aggregation === "LATEST" ? state.latest : null;
  return {
    eventCount: state.eventCount.toString(),
    quantitySum: formatDecimal(state.quantitySum),
    quantityMax: aggregation === "MAX" && state.quantityMax !== null ? formatDecimal(state.quantityMax) : null,
    latestQuantity: latest === null ? null : formatDecimal(latest.quantity),
    latestOccurredAt: latest === null ? null : instantText(latest.occurredAt),
    latestReceivedAt: latest === null ? null : instantText(latest.receivedAt),
  };
}

/** Seconds written lately, without their fraction: a group of events repeats few of them, and writing one is slow. */
const seconds = new Map<number, string>();
const maxSeconds = 20_000;
const fractionLength = "000Z".length;
const fractions = Array.from({ length: 1_000 }, (_, ms) => `${String(ms).padStart(3, "0")}Z`);

/** An instant as PostgreSQL reads it, in UTC with milliseconds. */
export function instantText(at: number): string {
  const second = Math.floor(at / 1_000);
  let text = seconds.get(second);
  if (text === undefined) {
    text = new Date(second * 1_000).toISOString().slice(0, -fractionLength);
    if (seconds.size >= maxSeconds) seconds.clear();
    seconds.set(second, text);
  }
  return text + fractions[Math.trunc(at - second * 1_000)];
}
