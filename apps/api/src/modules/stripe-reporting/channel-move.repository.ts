import { randomUUID } from "node:crypto";
import type { ChannelMove, EpochMs, ReportChannel } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { Renewal } from "../catalog/index.ts";

/** A move as it is stored. */
export type StoredMove = ChannelMove & {
  customerId: string;
  id: string;
  createdAt: EpochMs;
  /** The subscription that its last step renewed; null where there was none to renew, or it was taken back. */
  renewal: Renewal | null;
};

const columns =
  "customer_id, id, from_channel, to_channel, shadow_since, cut_over_at, rolled_back_at, renewed_from, renewed_to, created_at";

/** Moves of customers between channels. */
export class ChannelMoves {
  /** The move under way, or last finished, of each of these customers that has one. */
  async ofCustomers(sql: Sql, customerIds: readonly string[]): Promise<Map<string, StoredMove>> {
    if (customerIds.length === 0) return new Map();
    const rows = await sql.query<MoveColumns>(
      `SELECT ${columns} FROM report_channel_move WHERE customer_id = ANY ($1::uuid[]) AND ended_at IS NULL`,
      [customerIds],
      "running_channel_moves",
    );
    return new Map(rows.map((row) => [row.customer_id, mapMove(row)]));
  }

  /** Every running move, by customer; at most `limit`. */
  async running(sql: Sql, after: string | null, limit: number): Promise<StoredMove[]> {
    const rows = await sql.query<MoveColumns>(
      `SELECT ${columns} FROM report_channel_move
       WHERE ended_at IS NULL AND ($1::uuid IS NULL OR customer_id > $1) ORDER BY customer_id LIMIT $2`,
      [after, limit],
    );
    return rows.map(mapMove);
  }

  /** Begins one; the customer must have none. */
  async begin(
    sql: Sql,
    move: { customerId: string; from: ReportChannel; to: ReportChannel; now: EpochMs },
  ): Promise<void> {
    await sql.query(
      `INSERT INTO report_channel_move (customer_id, id, from_channel, to_channel, shadow_since, created_at)
       VALUES ($1, $2, $3, $4, $5, $5)`,
      [move.customerId, randomUUID(), move.from, move.to, new Date(move.now)],
    );
  }

  /** Sets when it takes effect, or is taken back, and what was renewed for it. */
  async set(
    sql: Sql,
    move: StoredMove,
    change: Pick<StoredMove, "cutOverAt" | "rolledBackAt" | "renewal"> & { endedAt: EpochMs | null },
  ): Promise<void> {
    await sql.query(
      `UPDATE report_channel_move SET cut_over_at = $3, rolled_back_at = $4, ended_at = $5, renewed_from = $6,
         renewed_to = $7
       WHERE customer_id = $1 AND id = $2`,
      [
        move.customerId,
        move.id,
        dateOf(change.cutOverAt),
        dateOf(change.rolledBackAt),
        dateOf(change.endedAt),
        change.renewal?.fromId ?? null,
        change.renewal?.toId ?? null,
      ],
    );
  }
}

const dateOf = (at: EpochMs | null) => (at === null ? null : new Date(at));

type MoveColumns = {
  customer_id: string;
  id: string;
  from_channel: ReportChannel;
  to_channel: ReportChannel;
  shadow_since: Date;
  cut_over_at: Date | null;
  rolled_back_at: Date | null;
  renewed_from: string | null;
  renewed_to: string | null;
  created_at: Date;
};

function mapMove(row: MoveColumns): StoredMove {
  const { renewed_from: fromId, renewed_to: toId } = row;
  return {
    customerId: row.customer_id,
    id: row.id,
    from: row.from_channel,
    to: row.to_channel,
    shadowSince: row.shadow_since.getTime(),
    cutOverAt: row.cut_over_at?.getTime() ?? null,
    rolledBackAt: row.rolled_back_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
    renewal: fromId === null || toId === null ? null : { fromId, toId },
  };
}
