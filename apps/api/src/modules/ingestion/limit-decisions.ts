import {
  boundOf,
  type Decimal,
  decideLimit,
  drawOn,
  formatDecimal,
  type LimitDecision,
  type LimitedUsage,
  type LimitStanding,
  type LimitTally,
  limitCounts,
  maxDecimal,
  overshootOf,
  refusalInWords,
  strictestOf,
  takenOf,
  unitsOf,
  windowContains,
  ZERO,
} from "@meterline/billing-domain";
import {
  type HoldRecord,
  limitedUsageOf,
  mapLimitState,
  type TallyRequest,
  tallyKey,
  wordsContext,
} from "../limits/index.ts";
import type { LimitStateType } from "../usage/index.ts";
import type { IngestEvent } from "./ingest-event.ts";
import type { UsageRejection } from "./ingest-outcome.ts";

/** What was decided on one event. `state` is made when it is asked for. */
export type EventDecision =
  | { fits: true; state: () => LimitStateType | null }
  | { fits: false; rejection: UsageRejection; state: () => LimitStateType | null };

/**
 * The running state of a transaction that decides by limits: tallies and holds as the events so far have left them.
 * Events are decided in their order; one that is refused leaves no trace.
 */
export class LimitDecisions {
  readonly #tallies: Map<string, LimitTally>;
  readonly #holds: Map<string, HoldRecord>;
  readonly #changedHolds = new Set<string>();
  readonly #requests = new Map<string, TallyRequest>();
  readonly #refusals = new Map<string, { request: TallyRequest; tally: LimitTally }>();
  readonly #now: number;

  constructor(from: { tallies: Map<string, LimitTally>; holds: readonly HoldRecord[]; now: number }) {
    this.#tallies = from.tallies;
    this.#holds = new Map(from.holds.map((hold) => [`${hold.customerId} ${hold.id}`, hold]));
    this.#now = from.now;
  }

  /** Decides an event and, when it fits, counts it. */
  decide(event: IngestEvent): EventDecision {
    const touched = event.limited?.touched ?? [];
    const usage = limitedUsageOf(event);
    const tallies = touched.map((request) => this.#tallyOf(request));
    const hold = this.#holdOf(event, usage);
    const draw = hold === null ? null : drawOn(hold, unitsOf(usage), this.#now);
    const decision = decideLimit(tallies, {
      usage,
      what: "RECORD",
      ...(draw === null ? {} : { releasedUnits: draw.released, promisedUnits: draw.promised }),
    });
    if (!decision.fits) {
      const request = touched.find((one) => one.limit.id === decision.refusedBy.limit.id);
      if (request !== undefined) this.#refusals.set(tallyKey(request), { request, tally: this.#tallyOf(request) });
      return this.#refused(event, decision);
    }
    for (const [index, request] of touched.entries()) {
      const key = tallyKey(request);
      const after = decision.tallies[index];
      if (after === undefined) continue;
      this.#tallies.set(key, after);
      this.#requests.set(key, request);
    }
    if (hold !== null) this.#draw(hold, { event, usage, before: tallies, after: decision.tallies });
    const holding = decision.standings.filter((_, index) => touched[index]?.holds === true);
    return { fits: true, state: () => stateOf(event, strictestOf(holding)) };
  }

  /** Tallies as they now stand, with the limit and window of each; of those that an event counted towards. */
  counted(): { request: TallyRequest; tally: LimitTally }[] {
    return [...this.#requests].flatMap(([key, request]) => {
      const tally = this.#tallies.get(key);
      return tally === undefined ? [] : [{ request, tally }];
    });
  }

  /** Limits that refused something, with what they had counted then. */
  refused(): { request: TallyRequest; tally: LimitTally }[] {
    return [...this.#refusals.values()];
  }

  /** Holds that events were recorded under. */
  changedHolds(): HoldRecord[] {
    return [...this.#changedHolds].flatMap((key) => this.#holds.get(key) ?? []);
  }

  #tallyOf(request: TallyRequest): LimitTally {
    const tally = this.#tallies.get(tallyKey(request));
    if (tally === undefined) throw new Error("Invariant broken: a limit was decided without its tally");
    // The definition may differ from the one that was read: history is only watched.
    return tally.limit === request.limit ? tally : { ...tally, limit: request.limit };
  }

  /** The hold that an event is recorded under, if it is the usage that was held: same meter, values and stretch of time. */
  #holdOf(event: IngestEvent, usage: LimitedUsage): HoldRecord | null {
    if (!event.holdId) return null;
    const hold = this.#holds.get(`${event.customerId} ${event.holdId}`);
    if (hold === undefined || hold.meterId !== event.meterId || hold.state === "COMMITTED") return null;
    if (!windowContains({ startAt: hold.heldAt, endAt: hold.expiresAt }, event.occurredAt)) return null;
    const held = { ...usage, properties: hold.properties };
    const counts = (event.limited?.touched ?? []).every(({ limit }) => limitCounts(limit.definition, held));
    return counts ? hold : null;
  }

  #draw(
    hold: HoldRecord,
    of: { event: IngestEvent; usage: LimitedUsage; before: readonly LimitTally[]; after: readonly LimitTally[] },
  ): void {
    const key = `${hold.customerId} ${hold.id}`;
    this.#changedHolds.add(key);
    if (hold.kind === "RESERVATION") {
      this.#holds.set(key, { ...hold, state: "COMMITTED", eventId: of.event.id });
      return;
    }
    const drawn = hold.drawn.plus(maxDecimal(unitsOf(of.usage), ZERO));
    const past = overshootBy(of.before, of.after, unitsOf(of.usage));
    const capped = drawn.gt(hold.quantity) ? hold.quantity : drawn;
    this.#holds.set(key, { ...hold, drawn: capped, overshoot: hold.overshoot.plus(past) });
  }

  #refused(event: IngestEvent, decision: LimitDecision & { fits: false }): EventDecision {
    const { refusedBy } = decision;
    const { limited } = event;
    if (!limited) throw new Error("Invariant broken: an event without limits was refused by one");
    const meter = refusedBy.limit.definition.meterKey === undefined ? null : limited.meter;
    const asked = formatDecimal(unitsOf(limitedUsageOf(event)));
    return {
      fits: false,
      rejection: {
        code: "LIMIT_REACHED",
        field: "quantity",
        message: refusalInWords(refusedBy, asked, wordsContext(limited.profile, meter)),
      },
      state: () => stateOf(event, { ...refusedBy, standing: "BLOCKED" }),
    };
  }
}

function stateOf(event: IngestEvent, standing: LimitStanding | null): LimitStateType | null {
  if (standing === null || !event.limited) return null;
  const { profile, meter } = event.limited;
  return mapLimitState(standing, { profile, meter, meterKey: event.meter.key });
}

/** By how many units recording went further past a hard limit than it was. */
function overshootBy(before: readonly LimitTally[], after: readonly LimitTally[], units: Decimal): Decimal {
  let most = ZERO;
  for (const [index, tally] of after.entries()) {
    const earlier = before[index];
    if (earlier === undefined || tally.limit.definition.policy !== "HARD") continue;
    const past = maxDecimal(takenOf(tally).minus(maxDecimal(boundOf(tally), takenOf(earlier))), ZERO);
    if (past.eq(ZERO) || overshootOf(tally).eq(ZERO)) continue;
    most = maxDecimal(most, tally.kind === "UNITS" ? past : units);
  }
  return most;
}
