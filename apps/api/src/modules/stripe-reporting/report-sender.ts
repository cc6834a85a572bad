import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { isAway, refusalBeforeSending, settledAttempt, unsent } from "./attempt-end.ts";
import { ReportLanes } from "./report-lanes.ts";
import type { ReportQueue, SettledAttempt } from "./report-queue.repository.ts";
import { replaceReport } from "./replace-report.ts";
import type { ReportRoutes } from "./report-route.ts";
import { RouteCache } from "./route-cache.ts";
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

/**
 * Tells Stripe what is due. One at a time over all processes (ReportingLeader); any number of calls under way, one of each
 * customer and meter. What is in memory is bounded by `window`, however long the backlog is. A report is SENDING in the
 * database before its call is made and settled after it, so that a crash between any two leaves only doubt, never a loss.
 */
export class ReportSender {
  readonly #on: SenderParts;
  readonly #lanes = new ReportLanes();
  readonly #routes: RouteCache;
  readonly #ended: SettledAttempt[] = [];
  /** Taken up and not settled. */
  #held = 0;
  #settledCount = 0;
  #calls = { single: 0, stream: 0 };
  #failures = 0;
  #pausedUntil: EpochMs = 0;
  /** Raised whenever everything is dropped: what was begun before ends without effect. */
  #epoch = 0;
  #settling: Promise<void> | null = null;
  #fault: { error: unknown } | null = null;
  #finishing = false;
  #wake: () => void = () => {};

  constructor(parts: SenderParts) {
    this.#on = parts;
    this.#routes = new RouteCache(parts);
  }

  /**
   * Sends until nothing is due any more, or Stripe is away. Answers how many reports were settled. @throws what the database
   * throws: what was under way is then in doubt, and `recover` of the next run takes it up.
   */
  async drain(): Promise<number> {
    const before = this.#settledCount;
    this.#finishing = false;
    try {
      await this.#run(this.#epoch);
    } catch (error) {
      this.abandon();
      throw error;
    }
    return this.#settledCount - before;
  }

  async #run(epoch: number): Promise<void> {
    let isDry = false;
    while (epoch === this.#epoch) {
      const room = this.#on.settings.window - this.#held;
      // Claims come in halves of the window, so that one statement serves many reports and calls never run dry.
      if (!isDry && !this.#isPaused() && room * 2 >= this.#on.settings.window) {
        const claimed = await this.#claim(room, epoch);
        isDry = claimed < room;
        if (claimed > 0) continue;
      }
      if (this.#isPaused()) this.#release();
      this.#pump();
      if (this.#held === 0) {
        if (isDry || this.#isPaused()) return;
        continue;
      }
      // Reports that are neither under way nor ended would be waited for for ever; the next leader finds them SENDING.
      if (this.#isIdle && this.#ended.length === 0) {
        throw new Error(`Invariant broken: ${this.#held} reports were taken up and lost`);
      }
      await this.#untilSomethingEnds();
      this.#beginToSettle(epoch);
      if (this.#fault !== null) throw this.#fault.error;
      // Retries may have fallen due, and more may have been planned.
      if (this.#held === 0) isDry = false;
    }
  }

  /** Drops everything: another process leads now, or this one ends. Calls under way end unheard. */
  abandon(): void {
    this.#epoch += 1;
    this.#lanes.clear();
    this.#ended.length = 0;
    this.#held = 0;
    this.#fault = null;
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

  async #claim(limit: number, epoch: number): Promise<number> {
    const now = this.#on.clock.now();
    const reports = await this.#on.queue.claim(now, limit);
    if (reports.length === 0) return 0;
    const routes = await this.#routes.of(reports);
    if (epoch !== this.#epoch) return 0;
    this.#held += reports.length;
    for (const report of reports) {
      const refusal = refusalBeforeSending(report, now);
      const routed = refusal === null ? routes.route(report, now) : { refusal };
      if ("refusal" in routed) this.#ended.push(routed.refusal);
      else this.#lanes.add(routed);
    }
    return reports.length;
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
    const epoch = this.#epoch;
    let end: CallEnd;
    try {
      end = await call();
    } catch (error) {
      // Not an answer of Stripe's but a fault of ours; whether it was sent is not known.
      this.#on.logger.error({ err: error }, "telling Stripe failed");
      const failure = { kind: "AMBIGUOUS" as const, code: "internal", message: String(error), retryAfterMs: null };
      end = { outcome: { kind: "AMBIGUOUS", retryAfterMs: null }, failure };
    }
    if (epoch !== this.#epoch || (end.outcome.kind === "PERMANENT" && batch.length > 1)) return end;
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
    if (!this.#isPaused()) this.#pump();
    if (this.#ended.length >= settleAtMost || this.#isIdle) this.#wake();
  }

  /** Nothing is under way, neither at Stripe nor in the database. */
  get #isIdle(): boolean {
    return this.#calls.single + this.#calls.stream === 0 && this.#settling === null;
  }

  /** Resolves when enough has ended for one statement, when nothing is under way, or a moment later. */
  async #untilSomethingEnds(): Promise<void> {
    if (this.#isIdle || (this.#ended.length >= settleAtMost && this.#settling === null)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#on.settings.settleEveryMs ?? defaultSettleEveryMs);
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }

  /** One statement at a time settles, beside the one that takes up more. */
  #beginToSettle(epoch: number): void {
    if (this.#settling !== null || this.#ended.length === 0) return;
    this.#settling = this.#settle(epoch)
      .catch((error: unknown) => {
        if (epoch === this.#epoch) this.#fault = { error };
      })
      .finally(() => {
        this.#settling = null;
        this.#wake();
      });
  }

  async #settle(epoch: number): Promise<void> {
    const ended = this.#ended.splice(0, settleAtMost);
    const { queue, database, clock, observe } = this.#on;
    const replaced = ended.filter((attempt) => attempt.state === "NOT_COUNTED");
    await queue.settle(ended.filter((attempt) => attempt.state !== "NOT_COUNTED"));
    for (const attempt of replaced) {
      const how = { from: ["SENDING"], to: "NOT_COUNTED", now: clock.now() } as const;
      const replacement = await database.transaction((sql) => replaceReport(sql, attempt.report, how));
      if (!replacement.ok && replacement.code === "TOO_OLD") await queue.settle([{ ...attempt, state: "DEAD" }]);
    }
    if (epoch === this.#epoch) this.#held -= ended.length;
    this.#settledCount += ended.length;
    for (const { state, report } of ended) observe(state, report.transport);
  }
}
