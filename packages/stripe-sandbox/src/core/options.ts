import type { EpochMs } from "./time.ts";

/** How webhooks are delivered. Times are milliseconds, rates are shares from 0 to 1. */
export type WebhookOptions = {
  /** Waits before the second, third … try. Stripe's sandboxes try "3 times in a few hours"; the hours are a guess. */
  retryDelaysMs: readonly number[];
  /** How long an endpoint may take to answer, in real time. */
  timeoutMs: number;
  /** Share of deliveries that are made twice with the same event. */
  duplicateRate: number;
  /** Share of snapshot events that are written twice, as two Event objects with ids of their own. */
  duplicateEventRate: number;
  /** Share of deliveries that are held back so that later ones overtake them. */
  reorderRate: number;
};

/** Settings of a sandbox. Times are milliseconds; rates are 0 to 1 and drawn from `seed`. */
export type SandboxOptions = {
  /** 0 picks a free port. */
  port: number;
  host: string;
  /** The wall clock. Tests and simulations inject their own. */
  now: () => EpochMs;
  seed: number;
  /** From acceptance of a meter event to its being counted. */
  lagMs: number;
  /** Up to this much more lag, drawn per event. */
  lagJitterMs: number;
  /** From the end of a 10-second validation window to its error report. */
  errorReportDelayMs: number;
  /** Samples per error type in a report; the others are only a count. */
  errorSamples: number;
  /** Share of v1 and v2 events whose meter and customer are not checked at once, so that the mistake comes in a report. */
  asyncCheckRate: number;
  /** How long a meter event call holds its customer and meter, in real time. */
  serviceMs: number;
  /** How long a request waits for a locked object before `lock_timeout`, in real time. */
  lockTimeoutMs: number;
  rateLimits: "live" | "sandbox" | "off";
  /** From `advance` to a test clock starting to move, on the wall clock; it is `advancing` from the start. */
  clockLagMs: number;
  /** How long a renewal invoice stays a draft. */
  draftMs: number;
  /** Open question at Stripe: is a graduated price rounded once per line, or each tier by itself and then added? */
  graduatedRounding: "line" | "tier";
  /** Open question at Stripe: which time the 35 days and 5 minutes are held against for a customer on a test clock. */
  testClockUsage: "frozen" | "wall";
  webhooks: WebhookOptions;
  /** Pending work is done every so often in real time; null does it only on `process()`. */
  tickMs: number | null;
  /** Keeps everything in this file: read at the start, written every second and at the end. Null: in memory only. */
  file: string | null;
};

/** What a sandbox does unless told otherwise: live rate limits, two seconds of lag, faultless webhooks. */
export const DEFAULT_OPTIONS: SandboxOptions = {
  port: 0,
  host: "127.0.0.1",
  now: Date.now,
  seed: 1,
  lagMs: 2_000,
  lagJitterMs: 0,
  errorReportDelayMs: 2_000,
  errorSamples: 2,
  asyncCheckRate: 0,
  serviceMs: 0,
  lockTimeoutMs: 2_000,
  rateLimits: "live",
  clockLagMs: 500,
  draftMs: 3_600_000,
  graduatedRounding: "line",
  testClockUsage: "frozen",
  webhooks: {
    retryDelaysMs: [600_000, 3_600_000, 10_800_000],
    timeoutMs: 10_000,
    duplicateRate: 0,
    duplicateEventRate: 0,
    reorderRate: 0,
  },
  tickMs: 50,
  file: null,
};
