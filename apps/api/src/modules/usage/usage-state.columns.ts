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

/** Instants written lately. A group of events repeats few of them many times, and writing one is slow. */
const written = new Map<number, string>();
const maxWritten = 20_000;

/** An instant as PostgreSQL reads it, in UTC with milliseconds. */
export function instantText(at: number): string {
  const known = written.get(at);
  if (known !== undefined) return known;
  const text = new Date(at).toISOString();
  if (written.size >= maxWritten) written.clear();
  written.set(at, text);
  return text;
}
