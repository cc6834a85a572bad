import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isOutage, sqlStateOf } from "../../platform/database/index.ts";
import { unavailable } from "../../platform/graphql/index.ts";
import type { Nudging } from "../../platform/live/index.ts";
import type { UsageWatch } from "../alerts/index.ts";
import type { BillingProfile, BillingProfiles, Meters } from "../catalog/index.ts";
import type { LeaseTokens, LimitPorts } from "../limits/index.ts";
import type { PeriodStanding } from "../usage/index.ts";
import { commitLimited, KeyTakenError } from "./commit-limited.ts";
import { StaleBillingVersionError, UsageCommits } from "./commit-usage.ts";
import { DimensionRegistry } from "./dimension-registry.ts";
import { GroupCommit, GroupCommitFullError } from "./group-commit.ts";
import { type IngestEvent, isGated } from "./ingest-event.ts";
import { type IngestItem, judgeItem, placeEvent } from "./ingest-item.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";
import { type OldItem, repeatsOfOld } from "./old-repeats.ts";

/** What the service stands on. */
export type IngestionDependencies = {
  database: Database;
  clock: Clock;
  profiles: BillingProfiles;
  meters: Meters;
  nudges: Nudging;
  limits: LimitPorts;
  leases: LeaseTokens;
  /** Sees thresholds being crossed. */
  watch: Pick<UsageWatch, "watch">;
};

const noRepeats: ReadonlyMap<number, IngestOutcome> = new Map();
const maxAttempts = 5;
/** Deadlock and serialization failures: PostgreSQL rolled the transaction back and asks for it again. */
const retryableStates = new Set(["40P01", "40001"]);

/** Takes usage in: judges each item, then records what is accepted, many requests to a commit. */
export class IngestionService {
  private readonly groups: GroupCommit<IngestEvent, IngestOutcome>;
  /** Groups that decide by limits, apart from the others, which need not wait for anybody's limit lock. */
  private readonly limitedGroups: GroupCommit<IngestEvent, IngestOutcome>;
  private readonly dimensions: DimensionRegistry;
  private readonly commits: UsageCommits;

  constructor(private readonly on: IngestionDependencies) {
    this.dimensions = new DimensionRegistry(on.database, on.clock);
    this.commits = new UsageCommits(on.database);
    const bounds = { maxInFlight: 2, minItemsToOverlap: 8, maxItemsPerCommit: 2_000, maxWaiting: 50_000 };
    const makeGroups = () =>
      new GroupCommit<IngestEvent, IngestOutcome>(
        (events) => this.commit(events),
        (error) => !isOutage(error),
        bounds,
      );
    this.groups = makeGroups();
    this.limitedGroups = makeGroups();
  }

  /**
   * One outcome an item, in order; a refused item never keeps another from being recorded. Throws `UNAVAILABLE` when
   * the database cannot be reached: what was recorded then is unknown, and the same items may be sent again.
   */
  async record(items: readonly IngestItem[], options: { mayBackfill: boolean }): Promise<IngestOutcome[]> {
    try {
      const judged = await this.judge(items, options.mayBackfill);
      const repeats = await this.repeatsOfOld(items, judged);
      const events = await this.dimensions.settle(judged.flatMap((one) => (one.ok ? [one.event] : [])));
      const outcomes = events.length === 0 ? [] : await this.submit(events);
      let next = 0;
      return judged.map((one, index) => {
        if (!one.ok) return repeats.get(index) ?? { outcome: "REJECTED", rejection: one.rejection };
        const outcome = outcomes[next++];
        if (outcome === undefined) throw new Error("Invariant broken: fewer outcomes than events");
        return outcome;
      });
    } catch (error) {
      if (error instanceof GroupCommitFullError) throw unavailable(error.message);
      // Its periods change faster than usage can be placed in them; nothing was written, and later it can be.
      if (error instanceof StaleBillingVersionError || error instanceof KeyTakenError) throw unavailable(error.message);
      if (isOutage(error)) throw unavailable();
      throw error;
    }
  }

  /** Records events that were judged and placed, together with what others send meanwhile. One outcome an event. */
  submit(events: readonly IngestEvent[]): Promise<IngestOutcome[]> {
    return (events.some(isGated) ? this.limitedGroups : this.groups).submit(events);
  }

  /** Of items that are refused for their age alone: what was recorded before. Nothing is asked where none is. */
  private async repeatsOfOld(
    items: readonly IngestItem[],
    judged: readonly ReturnType<typeof judgeItem>[],
  ): Promise<ReadonlyMap<number, IngestOutcome>> {
    if (!judged.some(isTooOld)) return noRepeats;
    // The lease that it was sent under is over, and says nothing of what was recorded.
    const old = items
      .map((item, index) => ({ item: { ...item, leaseToken: null }, index }))
      .filter(({ index }) => isTooOld(judged[index]));
    const again = await this.judge(
      old.map(({ item }) => item),
      true,
    );
    const events = old.flatMap(({ index }, place): OldItem[] => {
      const one = again[place];
      return one?.ok === true ? [{ index, event: one.event }] : [];
    });
    return repeatsOfOld(this.on.database, events);
  }

  private async judge(items: readonly IngestItem[], mayBackfill: boolean): Promise<ReturnType<typeof judgeItem>[]> {
    const receivedAt: EpochMs = this.on.clock.now();
    const [profiles, meters] = await Promise.all([
      this.on.profiles.find(items),
      this.on.meters.find(items.map((item) => item.meterKey)),
    ]);
    const judgeBy = (known: readonly (BillingProfile | null)[]) =>
      items.map((item, index) =>
        judgeItem(item, {
          profile: known[index] ?? null,
          meter: meters.get(item.meterKey) ?? null,
          receivedAt,
          mayBackfill,
          readLease: (token) => this.on.leases.verify(token),
        }),
      );
    const judged = judgeBy(profiles);
    const unsubscribed = profiles.filter((profile, index) => profile && isUnsubscribed(judged[index]));
    if (unsubscribed.length === 0) return judged;
    // A caller drops what is refused, so a subscription is never missed because of a profile that was cached before it.
    for (const profile of unsubscribed) if (profile) this.on.profiles.forget(profile.customerId);
    return judgeBy(await this.on.profiles.find(items));
  }

  private async commit(events: readonly IngestEvent[]): Promise<IngestOutcome[]> {
    let placed = events;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const watched = await this.on.watch.watch(placed);
        // Asked each time: placed again, an event may have come under a limit.
        const outcomes = placed.some(isGated)
          ? await commitLimited(this.on.database, { ports: this.on.limits, watched }, placed)
          : await this.commits.commit(placed, watched.statements);
        const group = placed;
        watched.committed((event) => standingOf(outcomes[group.indexOf(event as IngestEvent)]));
        this.on.nudges.nudge(new Set(placed.map((event) => event.customerId)));
        return outcomes;
      } catch (error) {
        if (attempt === maxAttempts) throw error;
        if (error instanceof StaleBillingVersionError) placed = await this.placeAgain(placed, error.customerIds);
        else if (!(error instanceof KeyTakenError) && !retryableStates.has(sqlStateOf(error) ?? "")) throw error;
      }
    }
  }

  private async placeAgain(events: readonly IngestEvent[], customerIds: ReadonlySet<string>): Promise<IngestEvent[]> {
    for (const customerId of customerIds) this.on.profiles.forget(customerId);
    const found = await this.on.profiles.find(
      [...customerIds].map((customerId) => ({ customerId, externalCustomerId: null })),
    );
    const fresh = new Map(
      found.flatMap((profile): [string, BillingProfile][] => (profile ? [[profile.customerId, profile]] : [])),
    );
    return events.map((event) => {
      const profile = fresh.get(event.customerId);
      return profile === undefined ? event : placeEvent(event, profile);
    });
  }
}

/** Where the customer stands after an event was recorded; null where it was known before. */
function standingOf(outcome: IngestOutcome | undefined): PeriodStanding | null {
  return outcome?.outcome === "RECORDED" ? outcome.standing : null;
}

function isTooOld(judged: ReturnType<typeof judgeItem> | undefined): boolean {
  return judged?.ok === false && judged.rejection.code === "TIMESTAMP_TOO_OLD";
}

function isUnsubscribed(judged: ReturnType<typeof judgeItem> | undefined): boolean {
  return judged?.ok === false && judged.rejection.code === "NO_ACTIVE_SUBSCRIPTION";
}
