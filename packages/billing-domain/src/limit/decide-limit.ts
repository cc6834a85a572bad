import { type Decimal, ONE, ZERO } from "../decimal.ts";
import { compareStrictness, type LimitStanding, standingOf } from "./limit-standing.ts";
import {
  boundOf,
  type LimitedUsage,
  type LimitTally,
  takenOf,
  tallyReleasing,
  tallyWith,
  usedOf,
} from "./limit-tally.ts";

/** One thing to decide: usage to be recorded, or units to be held for work that begins. */
export type LimitRequest = {
  usage: LimitedUsage;
  /** HOLD keeps `usage.quantity` units without recording them. */
  what: "RECORD" | "HOLD";
  /** Units of a hold that this request gives back with the same stroke; it counts in what is held until now. */
  releasedUnits?: Decimal;
  /** Units that were promised by a hold or a lease: so many are taken whatever stands at the limit now. */
  promisedUnits?: Decimal;
};

/** What became of one request, and where each limit that it touches stands after it. */
export type LimitDecision =
  | { fits: true; tallies: readonly LimitTally[]; standings: readonly LimitStanding[] }
  | {
      fits: false;
      tallies: readonly LimitTally[];
      standings: readonly LimitStanding[];
      /** The strictest of the limits that refuse. */
      refusedBy: LimitStanding;
    };

/**
 * Decides one request against every limit that it touches, in the order in which requests are given: the tallies that it
 * answers are those to decide the next one with. It fits when each hard limit's used + held + asked stays at or under
 * the bound; what takes nothing more (a negative quantity, a level that falls) always fits, and so does what was promised.
 * A request that does not fit changes nothing.
 */
export function decideLimit(tallies: readonly LimitTally[], request: LimitRequest): LimitDecision {
  const after = tallies.map((tally) => tallyAfter(tally, request));
  const refusing = tallies.filter((tally, index) => refuses(tally, after[index] ?? tally, request));
  if (refusing.length === 0) return { fits: true, tallies: after, standings: after.map((tally) => standingOf(tally)) };
  const standings = tallies.map((tally) => standingOf(tally, !refusing.includes(tally)));
  const [refusedBy] = standings
    .filter((_, index) => refusing.includes(tallies[index] as LimitTally))
    .toSorted(compareStrictness);
  return { fits: false, tallies, standings, refusedBy: refusedBy as LimitStanding };
}

function tallyAfter(tally: LimitTally, { usage, what, releasedUnits = ZERO }: LimitRequest): LimitTally {
  const released = tallyReleasing(tally, usage, releasedUnits);
  return what === "RECORD" ? tallyWith(released, usage) : tallyReleasing(released, usage, ZERO.minus(unitsOf(usage)));
}

function refuses(before: LimitTally, after: LimitTally, request: LimitRequest): boolean {
  if (before.limit.definition.policy !== "HARD") return false;
  const { promisedUnits } = request;
  if (promisedUnits !== undefined && !unitsOf(request.usage).gt(promisedUnits)) return false;
  const bound = boundOf(before);
  if (!takenBy(after, request).gt(bound)) return false;
  return takenBy(after, request).gt(takenOf(before));
}

/**
 * What is taken afterwards. A LATEST value counts whatever its time is: a later one that is taken back would make it the
 * value, and nothing could refuse that.
 */
function takenBy(after: LimitTally, { usage }: LimitRequest): Decimal {
  if (after.kind === "UNITS" && usage.aggregation === "LATEST") return usage.quantity.plus(after.held);
  return takenOf(after);
}

/** The units that usage takes of a hold: events of a COUNT meter count one each, whatever quantity they were sent with. */
export function unitsOf(usage: LimitedUsage): Decimal {
  return usage.aggregation === "COUNT" ? ONE : usage.quantity;
}

/** How far a tally is past its limit; zero where it is not. Only a lease that outlived an outage can pass a hard one. */
export function overshootOf(tally: LimitTally): Decimal {
  const over = usedOf(tally).minus(boundOf(tally));
  return over.gt(ZERO) ? over : ZERO;
}
