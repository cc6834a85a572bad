import { type Decimal, decimal, maxDecimal, ZERO } from "../decimal.ts";
import type { EpochMs } from "../window.ts";
import { LIMIT_POLICIES, limitPeriodOf, warningsOf } from "./limit-definition.ts";
import { boundOf, type LimitTally, takenOf, usedOf } from "./limit-tally.ts";
import { limitResetsAt } from "./limit-window.ts";
import type { LimitInForce } from "./limits-in-force.ts";

/**
 * How near a customer is to a limit: OK; NEAR from the first warning on; REACHED at the limit of a SOFT or NOTIFY one,
 * where more is recorded; BLOCKED where a HARD one has nothing left (or not as much as was asked for).
 */
export type LimitStandingName = "OK" | "NEAR" | "REACHED" | "BLOCKED";

/** Where a customer stands at one limit. Units, or money in major units. */
export type LimitStanding = {
  limit: LimitInForce;
  used: Decimal;
  /** Held by reservations and leases on top of what is used. */
  held: Decimal;
  bound: Decimal;
  /** What may still be used or held; never less than zero. */
  remaining: Decimal;
  standing: LimitStandingName;
  resetsAt: EpochMs | null;
};

/** The standing that a tally comes to. `fits` is false where more was asked for than a hard limit has left. */
export function standingOf(tally: LimitTally, fits = true): LimitStanding {
  const { limit } = tally;
  const used = usedOf(tally);
  const taken = takenOf(tally);
  const bound = boundOf(tally);
  return {
    limit,
    used,
    held: taken.minus(used),
    bound,
    remaining: maxDecimal(bound.minus(taken), ZERO),
    standing: standingName({ limit, taken, bound, fits }),
    resetsAt: limitResetsAt(limitPeriodOf(limit.definition), tally.window),
  };
}

function standingName(of: { limit: LimitInForce; taken: Decimal; bound: Decimal; fits: boolean }): LimitStandingName {
  const { definition } = of.limit;
  if (!of.taken.lt(of.bound)) return definition.policy === "HARD" ? "BLOCKED" : "REACHED";
  if (!of.fits) return "BLOCKED";
  const [first] = warningsOf(definition);
  if (first === undefined) return "OK";
  // Multiplied out, because a share of the limit need not be a finite decimal.
  return of.taken.times(decimal("100")).lt(of.bound.times(decimal(String(first)))) ? "OK" : "NEAR";
}

/**
 * The strictest of several, which is the one that is named: a hard one before a soft one before one that only warns;
 * among equals the one with the smallest share left, then the smallest bound, then the first by name. Null of none.
 */
export function strictestOf(standings: readonly LimitStanding[]): LimitStanding | null {
  let strictest: LimitStanding | null = null;
  for (const one of standings) if (strictest === null || compareStrictness(one, strictest) < 0) strictest = one;
  return strictest;
}

/** Negative when `left` is stricter. */
export function compareStrictness(left: LimitStanding, right: LimitStanding): number {
  const rank = (one: LimitStanding) => LIMIT_POLICIES.indexOf(one.limit.definition.policy);
  const byPolicy = rank(left) - rank(right);
  if (byPolicy !== 0) return byPolicy;
  // left.remaining / left.bound against right.remaining / right.bound; a bound of zero has nothing left.
  const byShare = left.remaining.times(right.bound).cmp(right.remaining.times(left.bound));
  if (byShare !== 0) return byShare;
  const byBound = left.bound.cmp(right.bound);
  if (byBound !== 0) return byBound;
  return left.limit.id < right.limit.id ? -1 : left.limit.id === right.limit.id ? 0 : 1;
}
