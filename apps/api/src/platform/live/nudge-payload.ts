/** The one channel of LISTEN and NOTIFY. */
export const NUDGE_CHANNEL = "meterline_live";

/** PostgreSQL refuses a payload of 8,000 bytes; an id takes 22 characters. */
const idsAPayload = 300;
const idCharacters = 22;
const senderCharacters = 8;

/** What has changed: numbers (usage, holds, alerts), or also what they are counted and billed by (plans, limits, time zone). */
export type NudgeSubject = "USAGE" | "BILLING";

/** What other processes are told: who tells it, what has changed, and whose. */
export type Nudge = { senderId: string; subject: NudgeSubject; customerIds: readonly string[] | "ALL" };

/** Stands before the ids of a nudge about billing. */
const billingMark = "!";

/** As many payloads as the ids need. */
export function nudgePayloads(senderId: string, subject: NudgeSubject, customerIds: readonly string[]): string[] {
  const payloads: string[] = [];
  for (let from = 0; from < customerIds.length; from += idsAPayload)
    payloads.push(encodeNudge({ senderId, subject, customerIds: customerIds.slice(from, from + idsAPayload) }));
  return payloads;
}

/** UUIDs in base64url, without separators. */
export function encodeNudge({ senderId, subject, customerIds }: Nudge): string {
  if (customerIds === "ALL") return `${senderId}*`;
  const ids = customerIds.map((id) => Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url"));
  return `${senderId}${subject === "BILLING" ? billingMark : ""}${ids.join("")}`;
}

/** Null for what no version of ours sends: anyone who may connect to the database may notify. */
export function decodeNudge(payload: string): Nudge | null {
  const senderId = payload.slice(0, senderCharacters);
  if (payload.slice(senderCharacters) === "*") return { senderId, subject: "BILLING", customerIds: "ALL" };
  const subject = payload[senderCharacters] === billingMark ? "BILLING" : "USAGE";
  const rest = payload.slice(senderCharacters + (subject === "BILLING" ? 1 : 0));
  if (rest.length === 0 || rest.length % idCharacters !== 0 || !/^[\w-]+$/.test(senderId + rest)) return null;
  const customerIds: string[] = [];
  for (let from = 0; from < rest.length; from += idCharacters) {
    const hex = Buffer.from(rest.slice(from, from + idCharacters), "base64url").toString("hex");
    customerIds.push(
      `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
    );
  }
  return { senderId, subject, customerIds };
}
