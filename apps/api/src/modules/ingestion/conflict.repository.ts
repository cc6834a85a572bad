import type { Sql } from "../../platform/database/index.ts";
import { conflictId, instantText, type NewUsageEvent } from "../usage/index.ts";

/** Keeps, once each, what came under a known key with other content. */
export async function insertConflicts(sql: Sql, offers: readonly NewUsageEvent[]): Promise<void> {
  if (offers.length === 0) return;
  await sql.query(
    `INSERT INTO usage_conflict (customer_id, id, event_id, idempotency_key, offered, received_at)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::jsonb[], $6::timestamptz[]) ORDER BY 1, 2
     ON CONFLICT (customer_id, id) DO NOTHING`,
    [
      offers.map((offer) => offer.customerId),
      offers.map((offer) => conflictId(offer.id, offer.contentHash)),
      offers.map((offer) => offer.id),
      offers.map((offer) => offer.idempotencyKey),
      offers.map((offer) =>
        JSON.stringify({
          meterKey: offer.meter.key,
          quantity: offer.quantityText,
          occurredAt: instantText(offer.occurredAt),
          properties: offer.properties ?? {},
        }),
      ),
      offers.map((offer) => instantText(offer.receivedAt)),
    ],
    "insert_usage_conflicts",
  );
}
