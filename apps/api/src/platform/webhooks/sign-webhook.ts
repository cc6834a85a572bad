import { randomBytes } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import { Webhook } from "standardwebhooks";

const secretPrefix = "whsec_";
const secretBytes = 32;

/** A new signing secret, as its owner keeps it. */
export function newSigningSecret(): string {
  return `${secretPrefix}${randomBytes(secretBytes).toString("base64")}`;
}

/**
 * The headers of Standard Webhooks (standardwebhooks.com): an id that stays the same over retries, the time, and a
 * signature by every secret that is valid, so that a receiver may hold either while they are exchanged.
 */
export function signWebhook(message: {
  id: string;
  at: EpochMs;
  body: string;
  secrets: readonly string[];
}): Record<string, string> {
  const { id, at, body, secrets } = message;
  const timestamp = new Date(at);
  return {
    "content-type": "application/json",
    "user-agent": "Meterline-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, timestamp, body)).join(" "),
  };
}
