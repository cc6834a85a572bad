import {
  type CustomerPeriod,
  customerPeriodAt,
  decideLimit,
  type EpochMs,
  formatDecimal,
  type LimitDefinition,
  type LimitInForce,
  type LimitStanding,
  type LimitTally,
  limitCounts,
  limitsInForce,
  standingOf,
  strictestOf,
  usedOf,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import type { Hearing } from "../../platform/live/index.ts";
import { notFound } from "../../platform/graphql/index.ts";
import type { BillingProfile, MeterRow, Meters, SubscriptionRow } from "../catalog/index.ts";
import type { LimitStateType } from "../usage/index.ts";
import { askedUsage, askedValues, type UsageQuestion } from "./asked-usage.ts";
import { type AskedValue, type LimitPorts, readTallies } from "./limit-facts.ts";
import { mapLimitState, mapUnlimited } from "./limit-state.mapping.ts";
import { type LimitedUse, limitedUsageOf } from "./limited-use.ts";
import { limitsHolding, placed, planLimitsOf } from "./limits-of-profile.ts";
import { SharedTallies } from "./shared-tallies.ts";
import { tallyKey, type TallyRequest } from "./tally-request.ts";

/** What limits are read with. */
export type LimitReaderDependencies = {
  database: Database;
  clock: Clock;
  meters: Meters;
  ports: LimitPorts;
  nudges: Hearing;
};

/** A limit with where the customer stands at it now. */
export type ListedLimit = { limit: LimitInForce; inForce: boolean; standing: LimitStanding; meter: MeterRow | null };

/** Reads where customers stand at their limits. Locks nothing: what it says may have changed when it is heard. */
export class LimitReader {
  readonly #on: LimitReaderDependencies;
  readonly #shared: SharedTallies;

  constructor(dependencies: LimitReaderDependencies) {
    this.#on = dependencies;
    this.#shared = new SharedTallies(dependencies);
  }

  /**
   * The strictest limit on a meter now, as it would stand for `quantity` more units: BLOCKED when a hard limit does not
   * have room for them. One statement for each kind of limit, whose cost does not grow with usage; without `sql`, shared
   * with others who ask at the same time, and none while nothing has changed since the last (RecentTallies says how sure).
   */
  async check(profile: BillingProfile, question: UsageQuestion, sql: Sql | null = null): Promise<LimitStateType> {
    const now = this.#on.clock.now();
    const meter = await this.#meter(question.meterKey);
    const usage = askedUsage(meter, question, now);
    const placedLimits = limitsHolding(profile, { at: now, now }).filter(({ limit }) =>
      limitCounts(limit.definition, usage),
    );
    if (placedLimits.length === 0) return this.#unlimited(sql, profile, meter, now);
    const requests = placedLimits.map((one): TallyRequest => ({ ...one, profile, meter }));
    const asked = askedValues(profile, meter, usage, now);
    const tallies = await this.#tallies(requests, { sql, now, asked });
    const touched = requests.flatMap((request) => tallies.get(tallyKey(request)) ?? []);
    const decision = decideLimit(touched, { usage, what: "RECORD" });
    const standings = touched.map((tally, index) =>
      standingOf(tally, decision.fits || decision.standings[index]?.standing !== "BLOCKED"),
    );
    const named = decision.fits ? strictestOf(standings) : decision.refusedBy;
    if (named === null) return this.#unlimited(sql, profile, meter, now);
    return mapLimitState(named, { profile, meter, meterKey: meter.definition.key });
  }

  /** The strictest limit that an event counts towards, as it stands now; null where it counts towards none. */
  async stateFor(
    { profile, meter }: LimitedUse,
    event: Parameters<typeof limitedUsageOf>[0],
  ): Promise<LimitStateType | null> {
    const now = this.#on.clock.now();
    const usage = limitedUsageOf(event);
    const touched = limitsHolding(profile, { at: event.occurredAt, now }).filter(({ limit }) =>
      limitCounts(limit.definition, usage),
    );
    const named = strictestOf(await this.#standings(profile, touched, undefined, now));
    return named === null ? null : mapLimitState(named, { profile, meter, meterKey: meter.definition.key });
  }

  /** The strictest limit on each meter, by its key, and on the whole bill (""), for what occurs at an instant. */
  async statesAt(
    profile: BillingProfile,
    of: { at: EpochMs; meters: readonly MeterRow[]; sql?: Sql },
  ): Promise<Map<string, LimitStateType>> {
    const now = this.#on.clock.now();
    const standings = await this.#standings(profile, limitsHolding(profile, { at: of.at, now }), of.sql, now);
    const states = new Map<string, LimitStateType>();
    const byMeter = Map.groupBy(standings, (one) => one.limit.definition.meterKey ?? "");
    for (const [meterKey, own] of byMeter) {
      const meter = of.meters.find((one) => one.definition.key === meterKey) ?? null;
      const named = strictestOf(own);
      if (named !== null) states.set(meterKey, mapLimitState(named, { profile, meter, meterKey }));
    }
    return states;
  }

  /** Every limit that a customer has now, the plan's and its own, also those that an override stands in place of. */
  async list(profile: BillingProfile, sql?: Sql): Promise<ListedLimit[]> {
    const now = this.#on.clock.now();
    const period = customerPeriodAt(profile.subscriptions, now);
    const planLimits = planLimitsOf(profile, period.term);
    const holding = new Set(limitsInForce(planLimits, profile.limits, now).map((limit) => limit.id));
    const ended = (limit: LimitInForce) =>
      "endsAt" in limit && limit.endsAt !== null && (limit.endsAt as EpochMs) <= now;
    const all = [...planLimits, ...profile.limits.filter((limit) => !ended(limit))];
    const standings = await this.#standings(
      profile,
      all.map((limit) => placed(profile, limit, { at: now, period })),
      sql,
      now,
    );
    const meters = await this.#metersOf(all);
    return standings.map((standing) => ({
      limit: standing.limit,
      inForce: holding.has(standing.limit.id),
      standing,
      meter: meters.get(standing.limit.definition.meterKey ?? "") ?? null,
    }));
  }

  /** Where a customer would stand now at a limit that it does not have yet. */
  async standingAt(profile: BillingProfile, definition: LimitDefinition): Promise<LimitStanding | null> {
    const now = this.#on.clock.now();
    const period = customerPeriodAt(profile.subscriptions, now);
    const limit: LimitInForce = { id: "preview", source: "CUSTOMER", definition };
    const [standing] = await this.#standings(profile, [placed(profile, limit, { at: now, period })], undefined, now);
    return standing ?? null;
  }

  #tallies(
    requests: readonly TallyRequest[],
    { sql, now, asked }: { sql: Sql | null; now: EpochMs; asked: readonly AskedValue[] },
  ): Promise<Map<string, LimitTally>> {
    if (sql === null) return this.#shared.read({ requests, asked });
    return readTallies(requests, { sql, ports: this.#on.ports, now, asked });
  }

  async #standings(
    profile: BillingProfile,
    limits: readonly { limit: LimitInForce; window: TallyRequest["window"]; period: CustomerPeriod<SubscriptionRow> }[],
    sql: Sql = this.#on.database,
    now: EpochMs,
  ): Promise<LimitStanding[]> {
    const meters = await this.#metersOf(limits.map(({ limit }) => limit));
    const requests = limits.flatMap((one): TallyRequest[] => {
      const meter = meters.get(one.limit.definition.meterKey ?? "") ?? null;
      // A meter of a plan's limit always exists; nothing is counted for one that would not.
      if (meter === null && one.limit.definition.meterKey !== undefined) return [];
      return [{ ...one, profile, meter }];
    });
    const tallies = await readTallies(requests, { sql, ports: this.#on.ports, now });
    return requests.flatMap((request) => {
      const tally = tallies.get(tallyKey(request));
      return tally === undefined ? [] : [standingOf(tally)];
    });
  }

  async #metersOf(limits: readonly LimitInForce[]): Promise<Map<string, MeterRow>> {
    return this.#on.meters.find(limits.flatMap(({ definition }) => definition.meterKey ?? []));
  }

  async #meter(key: string): Promise<MeterRow> {
    const meter = (await this.#on.meters.find([key])).get(key);
    if (meter === undefined) throw notFound(`There is no meter with the key "${key.slice(0, 100)}".`, "meterKey");
    return meter;
  }

  /** What was used in the billing period, read like a limit that only watches. */
  async #unlimited(sql: Sql | null, profile: BillingProfile, meter: MeterRow, now: EpochMs): Promise<LimitStateType> {
    const period = customerPeriodAt(profile.subscriptions, now);
    const definition: LimitDefinition = { policy: "NOTIFY", meterKey: meter.definition.key, quantity: "0" };
    const limit: LimitInForce = { id: `none ${meter.id}`, source: "PLAN", definition };
    const request: TallyRequest = { limit, window: period.window, period, profile, meter };
    const tally = (await this.#tallies([request], { sql, now, asked: [] })).get(tallyKey(request));
    const used = tally === undefined ? "0" : formatDecimal(usedOf(tally));
    return mapUnlimited(meter.definition.key, used, period.window.endAt);
  }
}
