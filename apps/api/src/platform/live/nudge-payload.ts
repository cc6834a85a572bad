/** The one channel of LISTEN and NOTIFY. */
export const NUDGE_CHANNEL = "meterline_live";

/** PostgreSQL refuses a payload of 8,000 bytes; an id takes 22 characters. */
const idsAPayload = 300;
const idCharacters = 22;
const senderCharacters = 8;

/** What other processes are told: who tells it, and whose numbers moved. */
export type Nudge = { senderId: string; customerIds: readonly string[] | "ALL" };

/** As many payloads as the ids need. */
export function nudgePayloads(senderId: string, customerIds: readonly string[]): string[] {
  const payloads: string[] = [];
  for (let from = 0; from < customerIds.length; from += idsAPayload)
    payloads.push(encodeNudge(senderId, customerIds.slice(from, from + idsAPayload)));
  return payloads;
}

/** UUIDs in base64url, without separators. */
export function encodeNudge(senderId: string, customerIds: readonly string[] | "ALL"): string {
  if (customerIds === "ALL") return `${senderId}*`;
  const ids = customerIds.map((id) => Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url"));
  return `${senderId}${ids.join("")}`;
}

/** Null for what no version of ours sends: anyone who may connect to the database may notify. */
export function decodeNudge(payload: string): Nudge | null {
  const senderId = payload.slice(0, senderCharacters);
  const rest = payload.slice(senderCharacters);
  if (rest === "*") return { senderId, customerIds: "ALL" };
  if (rest.length === 0 || rest.length % idCharacters !== 0 || !/^[\w-]+$/.test(payload)) return null;
  const customerIds: string[] = [];
  for (let from = 0; from < rest.length; from += idCharacters) {
    const hex = Buffer.from(rest.slice(from, from + idCharacters), "base64url").toString("hex");
    customerIds.push(
      `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
    );
  }
  return { senderId, customerIds };
}
