import type { InvoiceRecord } from "../core/records.ts";
import type Stripe from "stripe";
import type { EpochMs } from "../core/time.ts";
import type { World } from "../core/world.ts";
import { pageOf } from "../http/pagination.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { seconds, type Wire } from "../wire/wire.ts";

/** An invoice with its first lines, as it is sent. */
export function renderInvoice(world: World, row: InvoiceRecord): Wire<Stripe.Invoice> {
  const lines = world.state.lines.by("invoice", row.id).map((line) => line.wire);
  return {
    ...row.wire,
    webhooks_delivered_at: answeredS(world, row),
    lines: pageOf(lines, {}, `/v1/invoices/${row.id}/lines`),
  };
}

/** When the last endpoint took `invoice.created`, on the wall clock; at once when none listens, null while one has not. */
function answeredS(world: World, row: InvoiceRecord): number | null {
  if (row.createdEvent === null) return null;
  const deliveries = world.state.deliveries.by("event", row.createdEvent);
  if (deliveries.length === 0) return row.wire.created;
  if (deliveries.some((delivery) => delivery.state !== "delivered")) return null;
  return seconds(Math.max(...deliveries.map((delivery) => delivery.answeredAt ?? 0)));
}

/** Sends an event with the invoice as it now is. */
export function tell(world: World, id: string, type: string, at: EpochMs): string {
  return emitSnapshot(world, type, renderInvoice(world, requireRow(world, id)), at);
}

/** The invoice of an id that must be there. */
export function requireRow(world: World, id: string): InvoiceRecord {
  const row = world.state.invoices.get(id);
  if (!row) throw new Error(`invoice ${id} is gone`);
  return row;
}
