import { hash } from "node:crypto";

/**
 * The id of a usage event: the first 128 bits of SHA-256 over customer and idempotency key, written as a UUID. One
 * key of one customer has one id for ever, so the primary key (customer_id, id) is what makes an event count once.
 */
export function usageEventId(customerId: string, idempotencyKey: string): string {
  return digest(`${customerId}\n${idempotencyKey}`);
}

/** Tells a retry from a conflict: equal exactly when the same content was sent under a key. */
export function contentHash(canonicalContent: string): string {
  return digest(canonicalContent);
}

/** One conflict a key and content, however often it is offered. */
export function conflictId(eventId: string, offeredHash: string): string {
  return digest(`${eventId}\n${offeredHash}`);
}

function digest(text: string): string {
  const hex = hash("sha256", text, "hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
