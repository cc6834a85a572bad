import {
  customerPeriodAt,
  type EpochMs,
  isFutureEdge,
  type ReportChannel,
  type Window,
} from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUniqueViolation, type Transaction } from "../../platform/database/index.ts";
import { selectProfiles } from "../catalog/index.ts";
import type { ChannelMoves, StoredMove } from "./channel-move.repository.ts";

/** What became of a step of a move. */
export type MoveOutcome =
  | { ok: true; move: StoredMove | null }
  | { ok: false; code: "UNKNOWN_CUSTOMER" | "ALREADY_MOVING" | "NOT_MOVING" | "ALREADY_DECIDED" };

const opposite: Readonly<Record<ReportChannel, ReportChannel>> = { EVENTS: "RECORDS", RECORDS: "EVENTS" };

/**
 * Moves customers from usage records to meters and back: both told in shadow, cut over at the edge of a billing period,
 * rolled back at the next. An invoice is made from one of the two from its first second to its last.
 */
export class ChannelMoveService {
  readonly #on: { database: Database; clock: Clock; audit: AuditLog; moves: ChannelMoves };

  constructor(parts: { database: Database; clock: Clock; audit: AuditLog; moves: ChannelMoves }) {
    this.#on = parts;
  }

  /** From now on both are told; the one before goes on being billed. What this period has used is told to both. */
  async shadow(viewer: Viewer | null, customerId: string, to: ReportChannel): Promise<MoveOutcome> {
    const { moves, clock } = this.#on;
    try {
      return await this.#step(viewer, customerId, "shadow", async (transaction, move) => {
        const isCutOver = move !== null && move.cutOverAt !== null && move.cutOverAt <= clock.now();
        if (move !== null && move.rolledBackAt === null && !isCutOver) return { ok: false, code: "ALREADY_MOVING" };
        if (move !== null) await moves.set(transaction, move, { ...move, endedAt: clock.now() });
        await moves.begin(transaction, { customerId, from: opposite[to], to, now: clock.now() });
        return { ok: true, move: null };
      });
    } catch (error) {
      // Two people at once: one of them was first.
      if (isUniqueViolation(error, "report_channel_move_running")) return { ok: false, code: "ALREADY_MOVING" };
      throw error;
    }
  }

  /** From the end of the running period on only the new one is told, and billed. */
  cutOver(viewer: Viewer | null, customerId: string): Promise<MoveOutcome> {
    return this.#step(viewer, customerId, "cut over", async (transaction, move, current) => {
      if (move === null) return { ok: false, code: "NOT_MOVING" };
      if (move.cutOverAt !== null || move.rolledBackAt !== null) return { ok: false, code: "ALREADY_DECIDED" };
      await this.#on.moves.set(transaction, move, { cutOverAt: current.endAt, rolledBackAt: null, endedAt: null });
      return { ok: true, move: null };
    });
  }

  /** As before the move: at once while nothing was cut over, else from the end of the running period on. */
  rollBack(viewer: Viewer | null, customerId: string): Promise<MoveOutcome> {
    return this.#step(viewer, customerId, "roll back", async (transaction, move, current) => {
      if (move === null) return { ok: false, code: "NOT_MOVING" };
      if (move.rolledBackAt !== null) return { ok: false, code: "ALREADY_DECIDED" };
      const now = this.#on.clock.now();
      const wasCutOver = move.cutOverAt !== null && !isFutureEdge(move.cutOverAt, current, now);
      // A cut-over that is still ahead is taken back, and the running period goes on being told both ways.
      const cutOverAt = wasCutOver ? move.cutOverAt : null;
      await this.#on.moves.set(transaction, move, { cutOverAt, rolledBackAt: current.endAt, endedAt: null });
      return { ok: true, move: null };
    });
  }

  #step(
    viewer: Viewer | null,
    customerId: string,
    action: string,
    step: (transaction: Transaction, move: StoredMove | null, current: Window) => Promise<MoveOutcome>,
  ): Promise<MoveOutcome> {
    const { database, clock, audit, moves } = this.#on;
    return database.transaction(async (transaction) => {
      const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
      if (profile === undefined) return { ok: false, code: "UNKNOWN_CUSTOMER" };
      const move = (await moves.ofCustomers(transaction, [customerId])).get(customerId) ?? null;
      const current = customerPeriodAt(profile.subscriptions, clock.now()).window;
      const outcome = await step(transaction, move, current);
      if (!outcome.ok) return outcome;
      const stored = (await moves.ofCustomers(transaction, [customerId])).get(customerId) ?? null;
      await audit.write(transaction, {
        actor: viewer === null ? "system" : actorOf(viewer),
        action: `report_channel.${action.replace(" ", "_")}`,
        subject: `customer:${customerId}`,
        detail: { from: stored?.from, to: stored?.to, cutOverAt: instantOf(stored?.cutOverAt ?? null) },
      });
      return { ok: true, move: stored };
    });
  }
}

const instantOf = (at: EpochMs | null) => (at === null ? null : new Date(at).toISOString());
