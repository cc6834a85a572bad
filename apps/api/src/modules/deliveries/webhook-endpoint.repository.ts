import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { Database, Sql } from "../../platform/database/index.ts";
import { insertDeliveries } from "./delivery.repository.ts";
import { mailAddresses } from "./delivery-targets.read-model.ts";

/** An endpoint as its owner sees it. */
export type EndpointRecord = {
  customerId: string;
  id: string;
  url: string;
  description: string;
  state: "ACTIVE" | "PAUSED";
  pauseReason: string | null;
  failingSince: Date | null;
  createdAt: Date;
};

/** An endpoint that accepts nothing for so long is paused. */
export const FAILING_PAUSES_AFTER_MS = 86_400_000;

const selectEndpoint = `SELECT customer_id AS "customerId", id, url, description, state, pause_reason AS "pauseReason",
  failing_since AS "failingSince", created_at AS "createdAt" FROM webhook_endpoint`;

/** A customer's endpoints, oldest first. */
export function listEndpoints(sql: Sql, customerId: string): Promise<EndpointRecord[]> {
  return sql.query<EndpointRecord>(
    `${selectEndpoint} WHERE customer_id = $1 AND deleted_at IS NULL ORDER BY created_at, id LIMIT 100`,
    [customerId],
    "list_endpoints",
  );
}

/** Locked until the transaction ends. */
export async function findEndpoint(sql: Sql, customerId: string, id: string): Promise<EndpointRecord | null> {
  const [row] = await sql.query<EndpointRecord>(
    `${selectEndpoint} WHERE customer_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE`,
    [customerId, id],
  );
  return row ?? null;
}

/** Keeps a sealed secret; those that were valid until now stay so until `oldUntilAt`. */
export async function addSecret(
  sql: Sql,
  of: { customerId: string; endpointId: string; sealed: Buffer; now: EpochMs; oldUntilAt: EpochMs },
): Promise<void> {
  await sql.query(
    `UPDATE webhook_secret SET expires_at = LEAST(expires_at, $3) WHERE customer_id = $1 AND endpoint_id = $2`,
    [of.customerId, of.endpointId, new Date(of.oldUntilAt)],
  );
  await sql.query("DELETE FROM webhook_secret WHERE customer_id = $1 AND endpoint_id = $2 AND expires_at <= $3", [
    of.customerId,
    of.endpointId,
    new Date(of.now),
  ]);
  await sql.query(
    "INSERT INTO webhook_secret (customer_id, endpoint_id, id, sealed, created_at) VALUES ($1, $2, $3, $4, $5)",
    [of.customerId, of.endpointId, randomUUID(), of.sealed, new Date(of.now)],
  );
}

/** It works: what counts towards pausing begins anew. */
export async function endpointAccepted(sql: Sql, of: { customerId: string; target: string }): Promise<void> {
  await sql.query(
    `UPDATE webhook_endpoint SET failing_since = NULL
     WHERE customer_id = $1 AND id::text = $2 AND failing_since IS NOT NULL`,
    [of.customerId, of.target],
  );
}

/** It failed: since when is kept, and one that has accepted nothing for a day is paused, of which its owners are told. */
export async function endpointFailed(
  database: Database,
  of: { delivery: { customerId: string; target: string }; now: EpochMs; gone: boolean; message: string },
): Promise<void> {
  const { customerId, target } = of.delivery;
  const at = new Date(of.now);
  await database.transaction(async (transaction) => {
    const [paused] = await transaction.query<{ id: string }>(
      `UPDATE webhook_endpoint SET failing_since = coalesce(failing_since, $3),
         state = CASE WHEN $4 OR coalesce(failing_since, $3) <= $5 THEN 'PAUSED' ELSE state END,
         pause_reason = CASE WHEN $4 OR coalesce(failing_since, $3) <= $5 THEN $6 ELSE pause_reason END
       WHERE customer_id = $1 AND id::text = $2 AND state = 'ACTIVE' RETURNING CASE state WHEN 'PAUSED' THEN id END AS id`,
      [customerId, target, at, of.gone, new Date(of.now - FAILING_PAUSES_AFTER_MS), pauseReason(of)],
    );
    if (paused?.id == null) return;
    await transaction.query(
      `UPDATE alert_delivery SET due_at = NULL, attempts = 0, reason = 'Waits until the endpoint is resumed.'
       WHERE customer_id = $1 AND channel = 'WEBHOOK' AND target = $2 AND state IN ('QUEUED', 'UNCERTAIN') AND due_at > $3`,
      [customerId, target, at],
    );
    const owners = (await mailAddresses(transaction, [customerId], true)).get(customerId) ?? [];
    const plan = { state: "QUEUED", dueAt: of.now, reason: null, now: of.now } as const;
    const about = { kind: "ENDPOINT_PAUSED", endpointId: paused.id } as const;
    await insertDeliveries(
      transaction,
      owners.map((target) => ({
        customerId,
        alertId: null,
        target: { channel: "EMAIL", target },
        ...plan,
        ...about,
      })),
    );
  });
}

function pauseReason({ gone, message }: { gone: boolean; message: string }): string {
  return gone ? "It answered 410 Gone." : `It has accepted nothing for a day. Last: ${message}`;
}

/** What else waits for an endpoint that has just failed waits a little longer, and keeps no other from being sent. */
export async function postponeOthers(
  sql: Sql,
  of: { delivery: { customerId: string; id: string; target: string }; untilAt: EpochMs },
): Promise<void> {
  const { customerId, id, target } = of.delivery;
  await sql.query(
    `UPDATE alert_delivery SET due_at = $4
     WHERE customer_id = $1 AND channel = 'WEBHOOK' AND target = $2 AND id <> $3 AND due_at < $4`,
    [customerId, target, id, new Date(of.untilAt)],
  );
}

/** What waited for a paused endpoint is sent from now on. */
export async function resumeDeliveries(
  sql: Sql,
  of: { customerId: string; endpointId: string; now: EpochMs },
): Promise<void> {
  await sql.query(
    `UPDATE alert_delivery SET due_at = $3, attempts = 0, reason = NULL
     WHERE customer_id = $1 AND channel = 'WEBHOOK' AND target = $2 AND state IN ('QUEUED', 'UNCERTAIN')`,
    [of.customerId, of.endpointId, new Date(of.now)],
  );
}
