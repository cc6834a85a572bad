import {
  decideCutOver,
  decideRollBack,
  edgeOfMove,
  type EpochMs,
  type MoveDecision,
  type ReportChannel,
  termToRenew,
} from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUniqueViolation, type Transaction } from "../../platform/database/index.ts";
import {
  type BillingChanges,
  type BillingProfile,
  type Renewal,
  renewSubscription,
  selectProfiles,
  undoRenewal,
} from "../catalog/index.ts";
import { stripeLinks } from "../stripe-catalog/index.ts";
import type { ChannelMoves, StoredMove } from "./channel-move.repository.ts";

/** What became of a step of a move. */
export type MoveOutcome =
  | { ok: true; move: StoredMove }
  | {
      ok: false;
      code: "UNKNOWN_CUSTOMER" | "ALREADY_MOVING" | "NOT_MOVING" | "ALREADY_DECIDED" | "TOO_LATE" | "CHANGED_SINCE";
    };

/** What the service stands on. */
export type ChannelMoveDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  moves: ChannelMoves;
  changes: BillingChanges;
};

type Decide = (move: StoredMove | null, edgeAt: EpochMs, now: EpochMs) => MoveDecision;
type Stored = { move: StoredMove; profile: BillingProfile };

const opposite: Readonly<Record<ReportChannel, ReportChannel>> = { EVENTS: "RECORDS", RECORDS: "EVENTS" };

/**
 * Moves customers from usage records to meters and back: both told in shadow, cut over at the edge of a billing period,
 * rolled back at the next. An invoice is made from one of the two from its first second to its last. At the edge our
 * subscription is renewed, so that Stripe's ends and one with the other kind of prices begins there (ADR 12).
 */
export class ChannelMoveService {
  readonly #on: ChannelMoveDependencies;

  constructor(parts: ChannelMoveDependencies) {
    this.#on = parts;
  }

  /** From now on both are told; the one before goes on being billed. What this period has used is told to both. */
  async shadow(viewer: Viewer | null, customerId: string, to: ReportChannel): Promise<MoveOutcome> {
    const { database, moves, clock } = this.#on;
    try {
      return await database.transaction(async (transaction) => {
        const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
        if (profile === undefined) return { ok: false, code: "UNKNOWN_CUSTOMER" };
        const move = (await moves.ofCustomers(transaction, [customerId])).get(customerId) ?? null;
        const isCutOver = move !== null && move.cutOverAt !== null && move.cutOverAt <= clock.now();
        if (move !== null && move.rolledBackAt === null && !isCutOver) return { ok: false, code: "ALREADY_MOVING" };
        if (move !== null) await moves.set(transaction, move, { ...move, endedAt: clock.now() });
        await moves.begin(transaction, { customerId, from: opposite[to], to, now: clock.now() });
        return this.#told(transaction, viewer, { customerId, action: "shadow" });
      });
    } catch (error) {
      // Two people at once: one of them was first.
      if (isUniqueViolation(error, "report_channel_move_running")) return { ok: false, code: "ALREADY_MOVING" };
      throw error;
    }
  }

  /** From the end of the running period on only the new one is told, and billed. */
  cutOver(viewer: Viewer | null, customerId: string): Promise<MoveOutcome> {
    return this.#step(viewer, { customerId, action: "cut_over" }, decideCutOver);
  }

  /** As before the move, from the end of the running period on; a cut-over that lies ahead is taken back. */
  rollBack(viewer: Viewer | null, customerId: string): Promise<MoveOutcome> {
    return this.#step(viewer, { customerId, action: "roll_back" }, decideRollBack);
  }

  /** The move and the renewal that goes with it are one transaction: the worker that brings them to Stripe finds both or none. */
  async #step(
    viewer: Viewer | null,
    step: { customerId: string; action: string },
    decide: Decide,
  ): Promise<MoveOutcome> {
    const { database, clock, changes, moves } = this.#on;
    const { customerId } = step;
    const [known] = await selectProfiles(database, { ids: [customerId], externalIds: [] });
    if (known === undefined) return { ok: false, code: "UNKNOWN_CUSTOMER" };
    return changes.withBillingChange<MoveOutcome>(customerId, async (transaction, profile) => {
      const now = clock.now();
      const move = (await moves.ofCustomers(transaction, [customerId])).get(customerId) ?? null;
      const decision = decide(move, edgeOfMove(profile.subscriptions, now), now);
      if (!decision.ok) return { changed: false, answer: decision };
      if (move === null) throw new Error("Invariant broken: only a move that runs has a next step");
      const renewed = await this.#renew(transaction, { move, profile }, decision);
      if (renewed === "CHANGED_SINCE") return { changed: false, answer: { ok: false, code: renewed } };
      const { cutOverAt, rolledBackAt } = decision;
      await moves.set(transaction, move, { cutOverAt, rolledBackAt, endedAt: null, renewal: renewed.renewal });
      return { changed: renewed.changed, answer: await this.#told(transaction, viewer, step) };
    });
  }

  async #renew(
    transaction: Transaction,
    { move, profile }: Stored,
    { renewal }: Extract<MoveDecision, { ok: true }>,
  ): Promise<{ changed: boolean; renewal: Renewal | null } | "CHANGED_SINCE"> {
    if (renewal === null) return { changed: false, renewal: null };
    const { subscriptions, customerId } = profile;
    const now = this.#on.clock.now();
    if (renewal.do === "UNDO") {
      if (move.renewal === null) return { changed: false, renewal: null };
      const undone = await undoRenewal(transaction, subscriptions, move.renewal, now);
      return undone ? { changed: true, renewal: null } : "CHANGED_SINCE";
    }
    const { edgeAt } = renewal;
    const term = termToRenew(subscriptions, edgeAt);
    const links = (await stripeLinks(transaction, [customerId])).customers.get(customerId);
    const isBilled = links?.subscriptions.some((one) => one.planSubscriptionId === term?.id && one.endedAt === null);
    // What Stripe does not bill yet is begun there with the prices of its period.
    if (term === null || isBilled !== true) return { changed: false, renewal: null };
    return { changed: true, renewal: await renewSubscription(transaction, term, { edgeAt, now }) };
  }

  async #told(
    transaction: Transaction,
    viewer: Viewer | null,
    { customerId, action }: { customerId: string; action: string },
  ): Promise<MoveOutcome> {
    const { moves, audit } = this.#on;
    const move = (await moves.ofCustomers(transaction, [customerId])).get(customerId);
    if (move === undefined) throw new Error("Invariant broken: a move that was made is stored");
    const { from, to, renewal } = move;
    const times = { cutOverAt: instantOf(move.cutOverAt), rolledBackAt: instantOf(move.rolledBackAt) };
    await audit.write(transaction, {
      actor: viewer === null ? "system" : actorOf(viewer),
      action: `report_channel.${action}`,
      subject: `customer:${customerId}`,
      detail: { from, to, ...times, endedSubscriptionId: renewal?.fromId, begunSubscriptionId: renewal?.toId },
    });
    return { ok: true, move };
  }
}

const instantOf = (at: EpochMs | null) => (at === null ? null : new Date(at).toISOString());
