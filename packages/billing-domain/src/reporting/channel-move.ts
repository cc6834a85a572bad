import { customerPeriodAt, type PlanTerm } from "../customer-period.ts";
import type { EpochMs } from "../window.ts";
import type { ChannelMove } from "./report-channels.ts";

/**
 * So long before the edge of a period Stripe must know of it: a subscription that it is not told to end renews, and one
 * that is to go on after all has ended.
 */
export const EDGE_NOTICE_MS = 600_000;

/** What a step of a move changes: its times, and the subscription that the other kind of prices needs, or needs no more. */
export type MoveDecision =
  | { ok: false; code: "NOT_MOVING" | "ALREADY_DECIDED" | "TOO_LATE" }
  | {
      ok: true;
      cutOverAt: EpochMs | null;
      rolledBackAt: EpochMs | null;
      renewal: { do: "AT"; edgeAt: EpochMs } | { do: "UNDO" } | null;
    };

/** Where a move that is decided now takes effect: at the end of the running period, or of the next where that is too near. */
export function edgeOfMove(terms: readonly PlanTerm[], now: EpochMs): EpochMs {
  const { endAt } = customerPeriodAt(terms, now).window;
  return endAt - now >= EDGE_NOTICE_MS ? endAt : customerPeriodAt(terms, endAt).window.endAt;
}

/**
 * The subscription that has to be renewed at an edge, so that one with other prices begins there: the one that runs over
 * it. Null where none does: what begins there begins with the right prices anyway.
 */
export function termToRenew<Term extends PlanTerm>(terms: readonly Term[], edgeAt: EpochMs): Term | null {
  return terms.find((one) => one.startsAt < edgeAt && (one.endsAt === null || one.endsAt > edgeAt)) ?? null;
}

/** From the edge on only the new channel. A way back that lies ahead is taken back instead. */
export function decideCutOver(move: ChannelMove | null, edgeAt: EpochMs, now: EpochMs): MoveDecision {
  if (move === null) return { ok: false, code: "NOT_MOVING" };
  const { cutOverAt, rolledBackAt } = move;
  const at = { do: "AT", edgeAt } as const;
  if (cutOverAt === null && (rolledBackAt === null || rolledBackAt > now))
    return { ok: true, cutOverAt: edgeAt, rolledBackAt: null, renewal: at };
  if (rolledBackAt === null || rolledBackAt <= now) return { ok: false, code: "ALREADY_DECIDED" };
  if (rolledBackAt - now < EDGE_NOTICE_MS) return { ok: false, code: "TOO_LATE" };
  return { ok: true, cutOverAt, rolledBackAt: null, renewal: { do: "UNDO" } };
}

/** As before the move: from the edge on. A cut-over that lies ahead is taken back, and the shadow ends at the edge. */
export function decideRollBack(move: ChannelMove | null, edgeAt: EpochMs, now: EpochMs): MoveDecision {
  if (move === null) return { ok: false, code: "NOT_MOVING" };
  const { cutOverAt, rolledBackAt } = move;
  if (rolledBackAt !== null) return { ok: false, code: "ALREADY_DECIDED" };
  if (cutOverAt === null) return { ok: true, cutOverAt, rolledBackAt: edgeAt, renewal: null };
  if (cutOverAt <= now) return { ok: true, cutOverAt, rolledBackAt: edgeAt, renewal: { do: "AT", edgeAt } };
  if (cutOverAt - now < EDGE_NOTICE_MS) return { ok: false, code: "TOO_LATE" };
  return { ok: true, cutOverAt: null, rolledBackAt: edgeAt, renewal: { do: "UNDO" } };
}
