import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { Transaction } from "../../platform/database/index.ts";
import type { SubscriptionRow } from "./billing-profile.ts";

/** Which subscription ended at an instant, and which went on from there. */
export type Renewal = { fromId: string; toId: string };

/**
 * Ends a subscription at the edge of one of its billing periods and begins another there that is the same in all else:
 * plan version, anchor, end. Nobody's bill changes by it. Inside a billing change of the customer.
 */
export async function renewSubscription(
  transaction: Transaction,
  renewed: SubscriptionRow,
  at: { edgeAt: EpochMs; now: EpochMs },
): Promise<Renewal> {
  const { customerId, id: fromId, planVersionId, endsAt, anchorAt } = renewed;
  const toId = randomUUID();
  const edge = new Date(at.edgeAt);
  await transaction.query("UPDATE plan_subscription SET ends_at = $3 WHERE customer_id = $1 AND id = $2", [
    customerId,
    fromId,
    edge,
  ]);
  await transaction.query(
    `INSERT INTO plan_subscription (customer_id, id, plan_version_id, starts_at, ends_at, anchor_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      customerId,
      toId,
      planVersionId,
      edge,
      endsAt === null ? null : new Date(endsAt),
      new Date(anchorAt),
      new Date(at.now),
    ],
  );
  return { fromId, toId };
}

/**
 * Takes a renewal that lies ahead back: the first one goes on until where the second would have ended. Answers false, and
 * changes nothing, where the two are not as the renewal made them any more. Inside a billing change of the customer.
 */
export async function undoRenewal(
  transaction: Transaction,
  subscriptions: readonly SubscriptionRow[],
  { fromId, toId }: Renewal,
  now: EpochMs,
): Promise<boolean> {
  const from = subscriptions.find((one) => one.id === fromId);
  const to = subscriptions.find((one) => one.id === toId);
  if (from === undefined || to === undefined || from.endsAt !== to.startsAt || to.startsAt <= now) return false;
  await transaction.query("DELETE FROM plan_subscription WHERE customer_id = $1 AND id = $2", [to.customerId, toId]);
  await transaction.query("UPDATE plan_subscription SET ends_at = $3 WHERE customer_id = $1 AND id = $2", [
    from.customerId,
    fromId,
    to.endsAt === null ? null : new Date(to.endsAt),
  ]);
  return true;
}
