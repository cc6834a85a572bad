import { createHash } from "node:crypto";

/** Snapshot events carry the object as it was; thin ones only name it. */
export type WebhookFamily = "SNAPSHOT" | "THIN";

/** An event of Stripe, checked and stored. What is in it may be old: a handler reads the object again. */
export type StripeWebhookEvent = {
  id: string;
  family: WebhookFamily;
  type: string;
  /** What it is about: `data.object.id`, or `related_object.id`. */
  objectId: string | null;
  /** Stripe's instant, in milliseconds. */
  occurredAt: number;
  isLive: boolean;
  content: Record<string, unknown>;
};

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textIn = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** The family that a body says to be of; null where it is no event at all. */
export function familyOf(body: unknown): WebhookFamily | null {
  if (!isObject(body)) return null;
  if (body["object"] === "v2.core.event") return "THIN";
  return body["object"] === "event" ? "SNAPSHOT" : null;
}

/** Reads the parts that are needed; null where one is missing. */
export function readWebhookEvent(body: unknown): StripeWebhookEvent | null {
  const family = familyOf(body);
  if (family === null || !isObject(body)) return null;
  const id = textIn(body["id"]);
  const type = textIn(body["type"]);
  const occurredAt = instantIn(body["created"]);
  if (id === null || type === null || occurredAt === null) return null;
  const isLive = body["livemode"] === true;
  return { id, family, type, objectId: objectIdOf(family, body), occurredAt, isLive, content: body };
}

function objectIdOf(family: WebhookFamily, body: Json): string | null {
  if (family === "THIN") return isObject(body["related_object"]) ? textIn(body["related_object"]["id"]) : null;
  const data = body["data"];
  return isObject(data) && isObject(data["object"]) ? textIn(data["object"]["id"]) : null;
}

/** Seconds since 1970 in snapshot events, RFC 3339 in thin ones. */
function instantIn(created: unknown): number | null {
  if (typeof created === "number" && Number.isSafeInteger(created)) return created * 1_000;
  const at = typeof created === "string" ? Date.parse(created) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/**
 * Names what happened, whatever the event's id: Stripe may write one happening as two events. Null for thin events,
 * which hold too little to be told apart (two error reports of a meter within a second are two).
 */
export function twinKeyOf(event: StripeWebhookEvent): string | null {
  if (event.family === "THIN") return null;
  const content = JSON.stringify([event.type, event.objectId, event.occurredAt, event.content["data"]]);
  const hash = createHash("sha256").update(content).digest("hex");
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-${hash.slice(12, 16)}-${hash.slice(16, 20)}-${hash.slice(20, 32)}`;
}
