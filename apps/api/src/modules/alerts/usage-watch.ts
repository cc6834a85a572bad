import { alertTargets, customerPeriodAt, type Decimal, type EpochMs, isCrossed } from "@meterline/billing-domain";
import { boundedCache } from "../../platform/bounded-cache.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import type { BillingProfiles, MeterRow, Meters } from "../catalog/index.ts";
import type { NewUsageEvent, PeriodStanding, ReadyStatement } from "../usage/index.ts";
import { type AlertLimits, type CustomerAlertRules, loadAlertRules } from "./alert-rules.ts";
import {
  type CustomerWatch,
  candidateOf,
  candidatesOf,
  firedThresholds,
  type MeterWatch,
  reachedBy,
  standingValue,
  watchOf,
} from "./customer-watch.ts";
import { type JudgedLimit, type JudgedTarget, judgedTargets } from "./judged-limits.ts";
import { type AlertCandidate, markStatement, raiseAlerts, raiseStatement } from "./raise-alerts.ts";

/** What a group of events brings along: statements for its transaction, and what to do once that has committed. */
export type WatchedGroup = {
  statements: readonly ReadyStatement[];
  /** What more there is to raise once limits have been decided in the transaction, before it commits. */
  judged(decided: DecidedLimits): readonly ReadyStatement[];
  committed(standingOf: (event: NewUsageEvent) => PeriodStanding | null): void;
};

/** What watching stands on. `onRaised` hears that there are new alerts to be told of. */
export type UsageWatchDependencies = {
  database: Database;
  clock: Clock;
  logger: Logger;
  profiles: BillingProfiles;
  meters: Meters;
  limits: AlertLimits;
  onRaised(customerIds: Iterable<string>): void;
};

/** The limits that a transaction has counted in, and those that refused something. */
export type DecidedLimits = { counted(): readonly JudgedLimit[]; refused(): readonly JudgedLimit[] };

const nothing: WatchedGroup = { statements: [], judged: () => [], committed: () => undefined };
/** How old what is known of a customer may get before it is read anew, in the background. */
const refreshMs = 10_000;
/** How often a meter's total is looked at after a commit: another process may have added to it. */
const syncMs = 1_000;
/** The part of the time until an evaluation is due in which the mark is taken to stand. */
const trustedPart = { times: 4, of: 5 };

/**
 * Sees thresholds in units being crossed as usage is recorded, in the transaction that does it. It knows each watched
 * customer's open thresholds and about where its totals stand, so a group that comes near none brings no statement; a
 * group of customers without rules brings nothing at all. What it cannot see (another process was faster, the rules
 * were changed a moment ago, money, forecasts) is left to the evaluation that usage asks for in the same transaction.
 */
export class UsageWatch {
  readonly #on: UsageWatchDependencies;
  readonly #watches = boundedCache<string, CustomerWatch>(50_000);
  readonly #refreshing = new Set<string>();

  constructor(dependencies: UsageWatchDependencies) {
    this.#on = dependencies;
  }

  /** Drops what is known of a customer; for after its rules, limits or plan changed. */
  forget(customerId: string): void {
    this.#watches.delete(customerId);
  }

  /** What a group brings along. Waits only for customers that this process sees for the first time. */
  async watch(events: readonly NewUsageEvent[]): Promise<WatchedGroup> {
    const now = this.#on.clock.now();
    const unknown = new Set<string>();
    for (const event of events) {
      const watch = this.#watches.get(event.customerId);
      if (watch === undefined || watch.billingVersion < event.billingVersion || now >= watch.period.endAt)
        unknown.add(event.customerId);
      else if (now - watch.loadedAt >= refreshMs) this.#refresh(event.customerId);
    }
    if (unknown.size > 0) await this.#load([...unknown]);
    return this.#group(events, now);
  }

  #group(events: readonly NewUsageEvent[], now: EpochMs): WatchedGroup {
    const touched = new Map<MeterWatch, { watch: CustomerWatch; event: NewUsageEvent }>();
    const marked: CustomerWatch[] = [];
    let limited = false;
    for (const event of events) {
      const watch = this.#watches.get(event.customerId);
      if (watch === undefined || watch.evaluateEveryMs === null || !event.counted) continue;
      if (now >= watch.markedUntil && !marked.includes(watch)) marked.push(watch);
      limited ||= watch.limitTargets.size > 0;
      if (event.period.startAt !== watch.period.startAt) continue;
      const meter = watch.meters.get(event.meterId);
      if (meter === undefined || meter.open.length === 0) continue;
      meter.reached = reachedBy(meter, event);
      touched.set(meter, { watch, event });
    }
    if (marked.length === 0 && touched.size === 0 && !limited) return nothing;
    const candidates = [...touched].flatMap(([meter, { watch }]) => candidatesOf(meter, watch, now));
    const statements: ReadyStatement[] = [];
    if (candidates.length > 0) statements.push(raiseStatement(candidates));
    if (marked.length > 0) {
      statements.push(
        markStatement(
          marked.map((watch) => ({ customerId: watch.customerId, dueAt: now + (watch.evaluateEveryMs ?? 0) })),
        ),
      );
    }
    const asked = new Set(candidates.map((one) => one.target));
    let judged: JudgedTarget[] = [];
    return {
      statements,
      judged: (decided) => {
        judged = judgedTargets((customerId) => this.#watches.get(customerId), decided, now);
        return judged.length === 0 ? [] : [raiseStatement(judged.map((one) => one.candidate))];
      },
      committed: (standingOf) => {
        for (const { watch, key } of judged) watch.raisedLimits.add(key);
        if (judged.length > 0) this.#on.onRaised(new Set(judged.map((one) => one.watch.customerId)));
        for (const watch of marked) {
          watch.markedUntil = now + ((watch.evaluateEveryMs ?? 0) / trustedPart.of) * trustedPart.times;
        }
        this.#after([...touched], asked, standingOf);
      },
    };
  }

  #after(
    touched: readonly [MeterWatch, { watch: CustomerWatch; event: NewUsageEvent }][],
    asked: ReadonlySet<AlertCandidate["target"]>,
    standingOf: (event: NewUsageEvent) => PeriodStanding | null,
  ): void {
    const now = this.#on.clock.now();
    const raised = new Set<string>();
    const late: AlertCandidate[] = [];
    for (const [meter, { watch, event }] of touched) {
      const wasAsked = meter.open.some((target) => asked.has(target));
      if (!wasAsked && now - meter.syncedAt < syncMs && now >= meter.syncedAt) continue;
      const standing = standingOf(event);
      const value = standing === null ? null : standingValue(meter.aggregation, standing);
      if (value === null) continue;
      meter.reached = value;
      meter.syncedAt = now;
      for (const target of meter.open.filter((one) => isCrossed(one, value))) {
        raised.add(watch.customerId);
        if (!asked.has(target)) late.push(candidateOf(target, meter, watch, now));
      }
      meter.open = meter.open.filter((one) => !isCrossed(one, value));
    }
    if (late.length > 0) this.#raiseLate(late);
    if (raised.size > 0) this.#on.onRaised(raised);
  }

  /** Another process had brought the total here. If this fails, the evaluation that was asked for raises them. */
  #raiseLate(candidates: readonly AlertCandidate[]): void {
    raiseAlerts(this.#on.database, candidates).then(
      () => this.#on.onRaised(new Set(candidates.map((one) => one.customerId))),
      (error: unknown) => this.#on.logger.warn({ err: error }, "alerts are left to the next evaluation"),
    );
  }

  #refresh(customerId: string): void {
    if (this.#refreshing.has(customerId)) return;
    this.#refreshing.add(customerId);
    this.#load([customerId])
      .catch((error: unknown) => this.#on.logger.warn({ err: error }, "could not read alert rules anew"))
      .finally(() => this.#refreshing.delete(customerId));
  }

  async #load(customerIds: readonly string[]): Promise<void> {
    const { database, clock, profiles, meters, limits } = this.#on;
    const at = clock.now();
    const found = await profiles.find(customerIds.map((customerId) => ({ customerId, externalCustomerId: null })));
    const known = found.filter((profile) => profile !== null);
    const rows = await meters.all();
    const rules = await loadAlertRules(database, { profiles: known, meters: rows, at, limits });
    const fired = await firedThresholds(database, customerIds, at);
    for (const own of rules) this.#keep(own, rows, { at, fired });
  }

  #keep(
    own: CustomerAlertRules,
    meters: readonly MeterRow[],
    of: { at: EpochMs; fired: ReadonlyMap<string, Decimal> },
  ): void {
    const { customerId, subscriptions } = own.profile;
    const period = customerPeriodAt(subscriptions, of.at).window;
    const targets = alertTargets(own.rules, own);
    const before = this.#watches.get(customerId);
    const watch = watchOf({ own, targets, meters, period, at: of.at, fired: of.fired });
    if (before !== undefined && before.period.startAt === period.startAt) {
      watch.markedUntil = before.evaluateEveryMs === watch.evaluateEveryMs ? before.markedUntil : 0;
      for (const [meterId, meter] of watch.meters) meter.reached = before.meters.get(meterId)?.reached ?? null;
    }
    this.#watches.set(customerId, watch);
  }
}
