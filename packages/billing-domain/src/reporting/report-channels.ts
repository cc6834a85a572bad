import type { EpochMs, Window } from "../window.ts";
import type { ReportChannel } from "./report-key.ts";

/**
 * A customer's move from one channel to the other. From `shadowSince` on both are told, so that the two can be compared;
 * periods that start at or after `cutOverAt` are told by `to` alone. A move that is rolled back stops at `rolledBackAt`.
 */
export type ChannelMove = {
  from: ReportChannel;
  to: ReportChannel;
  shadowSince: EpochMs;
  cutOverAt: EpochMs | null;
  rolledBackAt: EpochMs | null;
};

/** By which channels a period is told, and which of them the invoice is made from. */
export type PeriodChannels = { told: ReportChannel[]; billed: ReportChannel };

/**
 * The channels of a period. Moves take effect at a period's edge and never change what a period that began was billed by:
 * an invoice is made from one counter from its first second to its last.
 */
export function channelsOfPeriod(standard: ReportChannel, move: ChannelMove | null, period: Window): PeriodChannels {
  if (move === null) return { told: [standard], billed: standard };
  const isRolledBack = move.rolledBackAt !== null && period.startAt >= move.rolledBackAt;
  if (isRolledBack || period.endAt <= move.shadowSince) return { told: [move.from], billed: move.from };
  if (move.cutOverAt !== null && period.startAt >= move.cutOverAt) return { told: [move.to], billed: move.to };
  return { told: [move.from, move.to], billed: move.from };
}

/**
 * How a usage record says a period's total. SET overwrites the value at one timestamp, so that repeating it changes nothing;
 * it is right where only we write to the item and no billing threshold forbids it. Else INCREMENT, once a key.
 */
export function usageRecordAction(item: { hasThresholds: boolean; hasOtherWriters: boolean }): "SET" | "INCREMENT" {
  return item.hasThresholds || item.hasOtherWriters ? "INCREMENT" : "SET";
}
