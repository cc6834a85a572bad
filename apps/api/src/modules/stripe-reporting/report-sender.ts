import type { EpochMs } from "@meterline/billing-domain";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { isAway, refusalBeforeSending, settledAttempt, unsent } from "./attempt-end.ts";
import type { MeterReport } from "./meter-report.record.ts";
import { ReportLanes } from "./report-lanes.ts";
import type { ReportQueue, SettledAttempt } from "./report-queue.repository.ts";
import { replaceReport } from "./replace-report.ts";
import type { CustomerRoute, MeterRoute, ReportRoutes } from "./report-route.ts";
import type { CallEnd, ReportTransport, RoutedReport } from "./report-transport.ts";

/** What the sender stands on. */
export type SenderParts = {
  database: Database;
  clock: Clock;
  logger: Logger;
  queue: ReportQueue;
  routes: ReportRoutes;
  transport: ReportTransport;
  /** Told of each settled report, for the metrics. */
  observe(outcome: string, transport: string): void;
  settings: SenderSettings;
};

/** Bounds of the sender. */
export type SenderSettings = {
  /** Reports in memory at most: taken up and not yet settled. */
  window: number;
  /** Calls under way at most, of reports that are told one by one. */
  concurrency: number;
  streamConcurrency: number;
  /** Longest that an attempt that has ended waits to be written down while others are under way; default 25. */
  settleEveryMs?: number;
};

const streamBatch = 100;
const defaultSettleEveryMs = 25;
const settleAtMost = 1_000;
/** So many failures in a row that are not one report's fault: Stripe is away. */
const awayAfter = 10;
const longestPauseMs = 60_000;
const routeTtlMs = 10_000;
const noRouteRetryMs = 300_000;

/**
 * Tells Stripe what is due. One at a time over all processes (ReportingLeader); any number of calls under way, one of each
 * customer and meter. What is in memory is bounded by `window`, however long the backlog is. A report is SENDING in the
 * database before its call is made and settled after it, so that a crash between any two leaves only doubt, never a loss.
 */
export class ReportSender {
  readonly #on: SenderParts;
  readonly #lanes = new ReportLanes();
  readonly #customers: LRUCache<string, CustomerRoute>;
  readonly #ended: SettledAttempt[] = [];
  #meters: { routes: ReadonlyMap<string, MeterRoute>; readAt: number } | null = null;
  /** Taken up and not settled. */
  #held = 0;
  #settledCount = 0;
  #calls = { single: 0, stream: 0 };
  #failures = 0;
  #pausedUntil: EpochMs = 0;
  #abandoned = false;
  #finishing = false;
  #wake: () => void = () => {};

  constructor(parts: SenderParts) {
    this.#on = parts;
    this.#customers = new LRUCache({ max: 20_000, ttl: routeTtlMs });
  }

  /**
   * Sends until nothing is due any more, or Stripe is away. Answers how many reports were settled. @throws what the database
   * throws: what was under way is then in doubt, and `recover` of the next run takes it up.
   */
  async drain(): Promise<number> {
    let settled = 0;
    let isDry = false;
    this.#abandoned = false;
    this.#finishing = false;
    for (;;) {
      if (this.#abandoned) return settled;
      const room = this.#on.settings.window - this.#held;
      // Claims come in halves of the window, so that one statement serves many reports and calls never run dry.
      if (!isDry && !this.#isPaused() && room * 2 >= this.#on.settings.window) {
        const claimed = await this.#claim(room);
        isDry = claimed < room;
        if (claimed > 0) continue;
      }
      if (this.#isPaused()) this.#release();
      this.#pump();
      if (this.#ended.length === 0 && this.#held === 0) {
        if (isDry || this.#isPaused()) return settled;
        continue;
      }
      // Reports that are neither under way nor ended would be waited for for ever; the next leader finds them SENDING.
      if (this.#ended.length === 0 && this.#calls.single + this.#calls.stream === 0) {
        throw new Error(`Invariant broken: ${this.#held} reports were taken up and lost`);
      }
      await this.#untilSomethingEnds();
      settled += await this.#settle();
      // Retries may have fallen due, and more may have been planned.
      if (this.#held === 0) isDry = false;
      if (settled === 0 && this.#held === 0) return settled;
    }
  }

  /** Drops everything: another process leads now, or this one ends. Calls under way end unheard. */
  abandon(): void {
    this.#abandoned = true;
    this.#lanes.clear();
    this.#ended.length = 0;
    this.#held = 0;
    this.#wake();
  }

  /** Reports settled since this sender was made. */
  get settledCount(): number {
    return this.#settledCount;
  }

  /** Reports in memory. */
  get held(): number {
    return this.#held;
  }

  /** Ends a `drain` early: nothing more is taken up, what was not sent is given back, what is under way is waited for. */
  finish(): void {
    this.#finishing = true;
    this.#wake();
  }

  #isPaused(): boolean {
    return this.#finishing || this.#on.clock.now() < this.#pausedUntil;
  }

  async #claim(limit: number): Promise<number> {
    const now = this.#on.clock.now();
    const reports = await this.#on.queue.claim(now, limit);
    this.#held += reports.length;
    if (reports.length === 0) return 0;
    const meters = await this.#meterRoutes();
    await this.#loadCustomers(reports);
    for (const report of reports) {
      const refusal = refusalBeforeSending(report, now) ?? this.#unroutable(report, meters, now);
      const meter = meters.get(report.meterId);
      const customer = this.#customers.get(report.customerId);
      if (refusal !== null) this.#ended.push(refusal);
      else if (meter !== undefined && customer !== undefined) this.#lanes.add({ report, meter, customer });
    }
    return reports.length;
  }

  #unroutable(report: MeterReport, meters: ReadonlyMap<string, MeterRoute>, now: EpochMs): SettledAttempt | null {
    const meter = meters.get(report.meterId);
    if (meter === undefined) {
      // Archived, or switched off: it may come back, and what waits is not lost.
      const message = "The meter takes no events at Stripe now.";
      return unsent(report, "PENDING", now, "METER_HELD", message, now + noRouteRetryMs);
    }
    const customer = this.#customers.get(report.customerId);
    if (customer === undefined || customer.isDeleted) {
      const state = report.doubtfulSince === null ? "DEAD" : "UNCERTAIN";
      return unsent(report, state, now, "CUSTOMER_NOT_LINKED", "Stripe has no such customer, or deleted it.");
    }
    if (report.transport === "USAGE_RECORDS" && customer.recordItem(meter.meterKey, report.eventAt) === null) {
      return unsent(report, "DEAD", now, "NO_RECORD_ITEM", "No subscription item has usage records of this meter.");
    }
    return null;
  }

  async #meterRoutes(): Promise<ReadonlyMap<string, MeterRoute>> {
    const readAt = performance.now();
    if (this.#meters === null || readAt > this.#meters.readAt + routeTtlMs) {
      this.#meters = { routes: await this.#on.routes.meters(this.#on.database), readAt };
    }
    return this.#meters.routes;
  }

  async #loadCustomers(reports: readonly MeterReport[]): Promise<void> {
    const missing = new Set<string>();
    for (const { customerId } of reports) if (!this.#customers.has(customerId)) missing.add(customerId);
    if (missing.size === 0) return;
    const found = await this.#on.routes.customers(this.#on.database, [...missing]);
    for (const [id, route] of found) this.#customers.set(id, route);
  }

  #pump(): void {
    const { concurrency, streamConcurrency } = this.#on.settings;
    while (this.#calls.single < concurrency) {
      const next = this.#lanes.takeSingle();
      if (next === null) break;
      this.#calls.single += 1;
      void this.#watched(this.#call([next.routed], () => this.#on.transport.tell(next.routed))).finally(() => {
        this.#calls.single -= 1;
        next.done();
        this.#next();
      });
    }
    while (this.#calls.stream < streamConcurrency) {
      const next = this.#lanes.takeStream(streamBatch);
      if (next === null) break;
      this.#calls.stream += 1;
      void this.#watched(this.#tellStream(next.batch)).finally(() => {
        this.#calls.stream -= 1;
        next.done();
        this.#next();
      });
    }
  }

  /** A call that Stripe refuses because of what it holds is made again in halves, until the one at fault is alone. */
  async #tellStream(batch: readonly RoutedReport[]): Promise<void> {
    const end = await this.#call(batch, () => this.#on.transport.tellStream(batch));
    if (end.outcome.kind !== "PERMANENT" || batch.length === 1) return;
    const half = batch.length >> 1;
    await this.#tellStream(batch.slice(0, half));
    await this.#tellStream(batch.slice(half));
  }

  /** A fault of ours after a call leaves its reports SENDING; it must not end the process. */
  #watched(work: Promise<unknown>): Promise<void> {
    return work.then(
      () => undefined,
      (error: unknown) => this.#on.logger.error({ err: error }, "the end of a call could not be worked"),
    );
  }

  async #call(batch: readonly RoutedReport[], call: () => Promise<CallEnd>): Promise<CallEnd> {
    const startedAt = this.#on.clock.now();
    let end: CallEnd;
    try {
      end = await call();
    } catch (error) {
      // Not an answer of Stripe's but a fault of ours; whether it was sent is not known.
      this.#on.logger.error({ err: error }, "telling Stripe failed");
      const failure = { kind: "AMBIGUOUS" as const, code: "internal", message: String(error), retryAfterMs: null };
      end = { outcome: { kind: "AMBIGUOUS", retryAfterMs: null }, failure };
    }
    if (this.#abandoned || (end.outcome.kind === "PERMANENT" && batch.length > 1)) return end;
    const now = this.#on.clock.now();
    this.#countFailures(end, now);
    for (const { report } of batch) {
      this.#ended.push(settledAttempt(report, end, { startedAt, now, random: Math.random() }));
    }
    return end;
  }

  #countFailures(end: CallEnd, now: EpochMs): void {
    if (!isAway(end.outcome, end.failure?.code)) {
      this.#failures = 0;
      return;
    }
    this.#failures += 1;
    if (this.#failures < awayAfter || this.#pausedUntil > now) return;
    const pauseMs = Math.min(longestPauseMs, 1_000 * 2 ** Math.min(this.#failures - awayAfter, 6));
    this.#pausedUntil = now + pauseMs;
    this.#on.logger.warn({ pauseMs, code: end.failure?.code }, "Stripe is away; nothing is sent for a while");
  }

  /** Gives back what was taken up and not sent. */
  #release(): void {
    const now = this.#on.clock.now();
    const at = Math.max(now, this.#pausedUntil);
    for (const { report } of this.#lanes.clear()) {
      this.#ended.push(unsent(report, "PENDING", now, "NOT_SENT", "It was taken up and given back.", at));
    }
  }

  /** After a call: more of its lane may go, and whoever waits hears of it. */
  #next(): void {
    if (this.#abandoned) return;
    if (!this.#isPaused()) this.#pump();
    if (this.#ended.length >= settleAtMost || this.#calls.single + this.#calls.stream === 0) this.#wake();
  }

  /** Resolves when enough has ended for one statement, when nothing is under way, or a moment later. */
  async #untilSomethingEnds(): Promise<void> {
    if (this.#ended.length >= settleAtMost || this.#calls.single + this.#calls.stream === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#on.settings.settleEveryMs ?? defaultSettleEveryMs);
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }

  async #settle(): Promise<number> {
    const ended = this.#ended.splice(0, settleAtMost);
    if (ended.length === 0) return 0;
    const { queue, database, clock, observe } = this.#on;
    const replaced = ended.filter((attempt) => attempt.state === "NOT_COUNTED");
    await queue.settle(ended.filter((attempt) => attempt.state !== "NOT_COUNTED"));
    for (const attempt of replaced) {
      const how = { from: ["SENDING"], to: "NOT_COUNTED", now: clock.now() } as const;
      const replacement = await database.transaction((sql) => replaceReport(sql, attempt.report, how));
      if (!replacement.ok && replacement.code === "TOO_OLD") await queue.settle([{ ...attempt, state: "DEAD" }]);
    }
    if (!this.#abandoned) this.#held -= ended.length;
    this.#settledCount += ended.length;
    for (const { state, report } of ended) observe(state, report.transport);
    return ended.length;
  }
}
