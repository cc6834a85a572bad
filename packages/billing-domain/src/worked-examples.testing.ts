import { readdirSync, readFileSync } from "node:fs";
import { decimal } from "./decimal.ts";
import type { Aggregation } from "./meter.ts";
import type { BillingInterval } from "./period.ts";
import type { MeterUsage } from "./rating/index.ts";
import { type EpochMs, shareOfWindow, type Window } from "./window.ts";

/** A start (inclusive) and an end (exclusive), as RFC 3339 texts. */
type WindowTexts = [string, string];

type EventTexts = { quantity: string; occurredAt: string; receivedAt?: string };

type UsageTexts = {
  quantity: string | null;
  eventCount?: string;
  carriedQuantity?: string;
  groupBy?: string[];
  byDimension?: { values: string[]; quantity: string }[];
  events?: EventTexts[];
};

/** The billed part of a period and the whole of it. */
type PeriodTexts = { billed: WindowTexts; full: WindowTexts };

/** A hand-worked case of `fixtures/`, which docs/rating-rules.md tells in words. */
export type WorkedExample = { id: string } & (
  | {
      kind: "line";
      currency: string;
      card: unknown;
      usage: UsageTexts;
      period?: PeriodTexts;
      /** Rows are label, quantity, exact amount; the other fields are those of a `RatedLine`, where the case is about them. */
      expect: { rows: string[][]; unroundedAmount: string; amountMinor: string } & Record<string, unknown>;
    }
  | {
      kind: "bill";
      plan: unknown;
      usages: Record<string, UsageTexts>;
      period?: PeriodTexts;
      expect: { baseFeeMinor: string; lineMinors: string[]; adjustments: [string, string][]; totalMinor: string };
    }
  | {
      kind: "late";
      plan: unknown;
      /** What the period was frozen with, and what is known of it now. */
      frozen: Record<string, UsageTexts>;
      known: Record<string, UsageTexts>;
      /** Lines are meter, units, minor units. */
      expect: { lines: [string | null, string, string][]; totalMinor: string };
    }
  | { kind: "faults"; card: unknown; expect: { path: string; message: string }[] }
  | {
      kind: "period";
      cycle: { anchorAt: string; interval: BillingInterval; intervalCount: number };
      at: string;
      expect: WindowTexts;
    }
  | {
      kind: "measure";
      aggregation: Aggregation;
      window: WindowTexts;
      levelBefore?: string;
      events: EventTexts[];
      expect: string | null;
    }
);

const FOLDER = new URL("../fixtures/", import.meta.url);

/** The rules of `fixtures/` with their cases: one file for each rule of docs/rating-rules.md. */
export function readWorkedExamples(): { rule: string; examples: WorkedExample[] }[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")));
}

/** The instant of an RFC 3339 text. */
export function instantOf(text: string): EpochMs {
  return Date.parse(text);
}

/** The window between two RFC 3339 texts. */
export function windowOf([start, end]: WindowTexts): Window {
  return { startAt: instantOf(start), endAt: instantOf(end) };
}

/** The share of a period that is billed: all of it when the case names none. */
export function shareOf(period: PeriodTexts | undefined) {
  return period === undefined ? {} : { periodShare: shareOfWindow(windowOf(period.billed), windowOf(period.full)) };
}

/** The events of a case; one that names no receipt was received when it happened. */
export function eventsOf(texts: readonly EventTexts[]) {
  return texts.map(({ quantity, occurredAt, receivedAt = occurredAt }) => ({
    quantity: decimal(quantity),
    occurredAt: instantOf(occurredAt),
    receivedAt: instantOf(receivedAt),
  }));
}

/** The usage of a case; one that counts no events had one. */
export function usageOf(texts: UsageTexts): MeterUsage {
  const { quantity, eventCount = "1", carriedQuantity, groupBy, byDimension, events } = texts;
  return {
    quantity: quantity === null ? null : decimal(quantity),
    eventCount: BigInt(eventCount),
    ...(carriedQuantity === undefined ? {} : { carriedQuantity: decimal(carriedQuantity) }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(byDimension === undefined
      ? {}
      : { byDimension: byDimension.map((part) => ({ values: part.values, quantity: decimal(part.quantity) })) }),
    ...(events === undefined ? {} : { events: eventsOf(events) }),
  };
}
