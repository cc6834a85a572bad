import Stripe from "stripe";
import type { StripeSettings } from "../stripe-settings.ts";
import { familyOf, readWebhookEvent, type StripeWebhookEvent } from "./webhook-event.ts";

/** Why a webhook is refused. */
export type WebhookRefusal = "BAD_SIGNATURE" | "TOO_OLD" | "TOO_LARGE" | "NO_SECRET" | "NOT_AN_EVENT";

/** What a checked webhook is: an event that Stripe signed, or why not. */
export type CheckedWebhook = { ok: true; event: StripeWebhookEvent } | { ok: false; refusal: WebhookRefusal };

/** A signature is good for so long; then somebody may be playing it again. */
export const replayWindowSeconds = 300;

type Secrets = Pick<StripeSettings, "webhookSecret" | "eventSecret">;

/**
 * Checks a body against its `Stripe-Signature`, by the SDK. Which of the two secrets signs it depends on its family,
 * which is read before the check and used for nothing else. A timestamp ahead of `now` passes, as in the SDK.
 */
export function checkWebhook(
  stripe: Stripe,
  secrets: Secrets,
  received: { body: Buffer; signature: string; now: number },
): CheckedWebhook {
  const family = familyOf(jsonOf(received.body));
  if (family === null) return refused("NOT_AN_EVENT");
  const secret = family === "THIN" ? secrets.eventSecret : secrets.webhookSecret;
  if (secret === null) return refused("NO_SECRET");
  try {
    stripe.webhooks.signature?.verifyHeader(
      received.body,
      received.signature,
      secret,
      replayWindowSeconds,
      undefined as never,
      received.now,
    );
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    return refused(/tolerance/.test(error.message) ? "TOO_OLD" : "BAD_SIGNATURE");
  }
  const event = readWebhookEvent(jsonOf(received.body));
  return event === null ? refused("NOT_AN_EVENT") : { ok: true, event };
}

const refused = (refusal: WebhookRefusal): CheckedWebhook => ({ ok: false, refusal });

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    // What is not JSON is no event, and is refused as such.
    return null;
  }
}
