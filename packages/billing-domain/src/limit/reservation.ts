import { type Decimal, minDecimal, ZERO } from "../decimal.ts";
import { DAY_MS, type EpochMs } from "../window.ts";

/** The longest that units may be held before the work is recorded. */
export const MAX_HOLD_MS = DAY_MS;
/** What a hold lasts where it does not say. */
export const DEFAULT_HOLD_SECONDS = 900;
/** The longest that a lease may last: it bounds how long a backend goes on without asking. */
export const MAX_LEASE_MS = 3_600_000;

/** HELD until it is committed, released, or its time is up. */
export type HoldState = "HELD" | "COMMITTED" | "RELEASED" | "EXPIRED";

/** Units held before the work: a reservation is committed once, a lease is drawn down event by event. */
export type Hold = {
  kind: "RESERVATION" | "LEASE";
  state: HoldState;
  quantity: Decimal;
  /** Of a lease: what was recorded under it so far. */
  drawn: Decimal;
  expiresAt: EpochMs;
};

/** The state at an instant: a hold ends by itself at the instant of its expiry, whether or not anything noticed. */
export function holdStateAt(hold: Hold, now: EpochMs): HoldState {
  return hold.state === "HELD" && now >= hold.expiresAt ? "EXPIRED" : hold.state;
}

/** What a hold takes of the limits at an instant. */
export function heldUnits(hold: Hold, now: EpochMs): Decimal {
  if (holdStateAt(hold, now) !== "HELD") return ZERO;
  const left = hold.quantity.minus(hold.drawn);
  return left.lt(ZERO) ? ZERO : left;
}

/**
 * What recording `units` against a hold comes to: `released` counts as held until then, and `promised` is taken whatever
 * stands at the limit now.
 *
 * A reservation gives back all that it holds. While it lasts, up to what it holds is promised; what is recorded past
 * that is decided like any usage, and so is all of it once the reservation has ended.
 * A lease gives back what is recorded. It promises all that was not drawn, also after its end: the work was done in an
 * outage, on its word, and what this goes past a limit by is bounded by the lease.
 */
export function drawOn(hold: Hold, units: Decimal, now: EpochMs): { released: Decimal; promised: Decimal } {
  const held = heldUnits(hold, now);
  if (hold.kind === "RESERVATION") return { released: held, promised: held };
  if (hold.state === "RELEASED") return { released: ZERO, promised: ZERO };
  const left = hold.quantity.minus(hold.drawn);
  return { released: minDecimal(held, maxZero(units)), promised: maxZero(left) };
}

function maxZero(value: Decimal): Decimal {
  return value.lt(ZERO) ? ZERO : value;
}
