import type { EpochMs } from "@meterline/billing-domain";
import type { Mailer } from "../../platform/mail/index.ts";
import { type PostSettings, postWebhook, type SecretSeal, signWebhook } from "../../platform/webhooks/index.ts";
import type { AlertRecord } from "../alerts/index.ts";
import type { MeterRow } from "../catalog/index.ts";
import { alertMail, alertWebhook, type MessageReader, plainMail } from "./alert-message.ts";
import type { DeliveryToSend } from "./delivery-attempt.repository.ts";

/** What bytes leave by; no mailer where no mail server is set. */
export type SenderParts = { mailer: Mailer | null; seal: SecretSeal; post: PostSettings; portalUrl: string };

/** A delivery and what it tells of; no alert in a test and where an endpoint was paused. */
export type Message = { delivery: DeliveryToSend; alert: AlertRecord | null; meter: MeterRow | null };

/** How one attempt ended, whichever way it went. */
export type Attempted = {
  outcome: string;
  status: number | null;
  message: string;
  retryable: boolean;
  mayHaveArrived: boolean;
};

/** Tells one person or system, once. */
export function sendMessage(parts: SenderParts, message: Message, now: EpochMs): Promise<Attempted> {
  const { customerId: id, externalCustomerId: externalId, customerName: name, timeZone } = message.delivery;
  const reader = { customer: { id, externalId, name, timeZone }, portalUrl: parts.portalUrl };
  return message.delivery.channel === "EMAIL" ? mail(parts, message, reader) : post(parts, message, { reader, now });
}

async function mail(
  { mailer }: SenderParts,
  { delivery, alert, meter }: Message,
  reader: MessageReader,
): Promise<Attempted> {
  const to = delivery.target;
  const link = `${reader.portalUrl}/alerts`;
  const foot = `You are told of this because you own alerts of ${reader.customer.name}.`;
  const written =
    alert === null
      ? plainMail({ deliveryId: delivery.id, to, words: pausedWords(delivery), link, foot })
      : alertMail(alert, { deliveryId: delivery.id, to, meter, reader });
  const result = await mailer?.send(written);
  if (result === undefined) throw new Error("Invariant broken: mail without a mailer");
  return { ...result, mayHaveArrived: result.outcome === "UNKNOWN" || result.outcome === "TIMED_OUT" };
}

async function post(
  { seal, post: settings }: SenderParts,
  { delivery, alert, meter }: Message,
  { reader, now }: { reader: MessageReader; now: EpochMs },
): Promise<Attempted> {
  const { endpoint } = delivery;
  const gone = { status: null, mayHaveArrived: false, retryable: false };
  if (endpoint === null) return { ...gone, outcome: "REFUSED", message: "The endpoint was deleted." };
  const body = alert === null ? testBody(reader, now) : alertWebhook(alert, { meter, reader });
  const secrets = endpoint.sealedSecrets.map((sealed) => seal.open(sealed));
  const headers = signWebhook({ id: `msg_${delivery.id}`, at: now, body, secrets });
  const result = await postWebhook({ url: endpoint.url, headers, body }, settings);
  return {
    ...result,
    // 410 Gone is the way to say "never again".
    retryable: result.outcome !== "ACCEPTED" && result.outcome !== "BLOCKED" && result.status !== 410,
    mayHaveArrived: result.outcome === "TIMED_OUT",
  };
}

function testBody({ customer }: MessageReader, now: EpochMs): string {
  const timestamp = new Date(now).toISOString();
  const data = {
    customerId: customer.id,
    externalCustomerId: customer.externalId,
    title: "A test message",
    words: "It works.",
  };
  return JSON.stringify({ type: "webhook.test", timestamp, data });
}

function pausedWords(delivery: DeliveryToSend) {
  return {
    title: "Your webhook endpoint was paused",
    text:
      `${delivery.endpointUrl ?? "An endpoint"} has accepted nothing for a day, so no more is sent to it. ` +
      "What is to be told meanwhile is kept. Put it right, send a test, and resume it in the portal.",
  };
}
