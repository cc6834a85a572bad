import { type EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, SessionLocks } from "../../platform/database/index.ts";
import type { Mailer } from "../../platform/mail/index.ts";
import type { Nudging } from "../../platform/live/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { type PostSettings, postWebhook, type SecretSeal, signWebhook } from "../../platform/webhooks/index.ts";
import { type WorkEnd, WorkRows } from "../../platform/work/index.ts";
import { type AlertRecord, alertById } from "../alerts/index.ts";
import type { MeterRow, Meters } from "../catalog/index.ts";
import { alertMail, alertWebhook, type MessageReader, plainMail } from "./alert-message.ts";
import { beginAttempt, deliveryToSend, type DeliveryToSend, endAttempt } from "./delivery.repository.ts";
import {
  endpointAccepted,
  endpointFailed,
  endpointToSend,
  holdDelivery,
  postponeOthers,
} from "./webhook-endpoint.repository.ts";

/** What sending stands on; no mailer where no mail server is set. */
export type DeliveryWorkerDependencies = {
  database: Database;
  locks: SessionLocks;
  clock: Clock;
  logger: Logger;
  nudges: Nudging;
  meters: Meters;
  mailer: Mailer | null;
  seal: SecretSeal;
  post: PostSettings;
  portalUrl: string;
};

/** Tells its locks from those of other tables. */
const deliveryLockClass = 7052;
const concurrency = 16;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
/** Nine attempts over a day. */
export const deliveryRetryDelaysMs: readonly number[] = [
  5 * second,
  minute,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  8 * hour,
  8.5 * hour,
];

type Endpoint = NonNullable<Awaited<ReturnType<typeof endpointToSend>>>;

/** How one attempt ended, whichever way it went. */
type Attempted = {
  outcome: string;
  status: number | null;
  message: string;
  retryable: boolean;
  mayHaveArrived: boolean;
};

/**
 * Sends what is queued. The attempt is written down before anything leaves, and what came of it after; a process that
 * dies in between leaves an attempt without an answer, and the delivery is sent again with the same id. So everything
 * is sent at least once, and twice only where the answer to the first was lost.
 */
export class DeliveryWorker {
  readonly work: WorkRows;
  readonly #on: DeliveryWorkerDependencies;

  constructor(dependencies: DeliveryWorkerDependencies) {
    this.#on = dependencies;
    this.work = new WorkRows(dependencies, {
      name: "alert_delivery",
      keyColumn: "id",
      // One endpoint hears one thing at a time, so that one that hangs holds up nobody else.
      lockName: "CASE channel WHEN 'WEBHOOK' THEN target ELSE id::text END",
      lockClass: deliveryLockClass,
      work: (id, attempt) => this.#deliver(id, attempt),
      retryDelaysMs: deliveryRetryDelaysMs,
      concurrency,
    });
  }

  async #deliver(id: string, attempt: number): Promise<WorkEnd> {
    const { database, clock, nudges } = this.#on;
    const delivery = await deliveryToSend(database, id);
    if (delivery === null) return { state: "SKIPPED", note: null };
    if (delivery.channel === "EMAIL" && this.#on.mailer === null)
      return this.#skip(delivery, "No mail server is set (SMTP_URL).");
    const endpoint = delivery.channel === "WEBHOOK" ? await endpointToSend(database, delivery, clock.now()) : null;
    if (endpoint?.isPaused && delivery.kind === "ALERT") {
      await holdDelivery(database, delivery);
      return { state: "QUEUED", note: null };
    }
    const number = await beginAttempt(database, delivery, clock.now());
    const attempted = await this.#attempt(delivery, endpoint);
    await endAttempt(database, { delivery, number, now: clock.now(), ...attempted });
    nudges.nudge([delivery.customerId]);
    const isAccepted = attempted.outcome === "ACCEPTED";
    if (endpoint !== null && (endpoint.isFailing || !isAccepted))
      await this.#judgeEndpoint(delivery, attempted, attempt);
    if (isAccepted) return { state: "SENT", note: attempted.message };
    if (!attempted.retryable) return this.#fail(delivery, attempted.message);
    throw new Error(attempted.message);
  }

  async #attempt(delivery: DeliveryToSend, endpoint: Endpoint | null): Promise<Attempted> {
    const reader = this.#readerOf(delivery);
    return delivery.channel === "EMAIL" ? this.#mail(delivery, reader) : this.#post(delivery, { reader, endpoint });
  }

  async #mail(delivery: DeliveryToSend, reader: MessageReader): Promise<Attempted> {
    const to = delivery.target;
    const link = `${reader.portalUrl}/alerts`;
    const foot = `You are told of this because you own alerts of ${reader.customer.name}.`;
    const { alert, meter } = await this.#alertOf(delivery);
    const mail =
      alert === null
        ? plainMail({ deliveryId: delivery.id, to, words: pausedWords(delivery), link, foot })
        : alertMail(alert, { deliveryId: delivery.id, to, meter, reader });
    const result = await this.#on.mailer?.send(mail);
    if (result === undefined) throw new Error("Invariant broken: mail without a mailer");
    return { ...result, mayHaveArrived: result.outcome === "UNKNOWN" || result.outcome === "TIMED_OUT" };
  }

  async #post(
    delivery: DeliveryToSend,
    { reader, endpoint }: { reader: MessageReader; endpoint: Endpoint | null },
  ): Promise<Attempted> {
    const { clock, seal, post } = this.#on;
    const now = clock.now();
    const gone = { status: null, mayHaveArrived: false, retryable: false };
    if (endpoint === null) return { ...gone, outcome: "REFUSED", message: "The endpoint was deleted." };
    const { alert, meter } = await this.#alertOf(delivery);
    const body = alert === null ? testBody(reader, now) : alertWebhook(alert, { meter, reader });
    const secrets = endpoint.sealedSecrets.map((sealed) => seal.open(sealed));
    const headers = signWebhook({ id: `msg_${delivery.id}`, at: now, body, secrets });
    const result = await postWebhook({ url: endpoint.url, headers, body }, post);
    return {
      ...result,
      // 410 Gone is the way to say "never again".
      retryable: result.outcome !== "ACCEPTED" && result.outcome !== "BLOCKED" && result.status !== 410,
      mayHaveArrived: result.outcome === "TIMED_OUT",
    };
  }

  async #judgeEndpoint(delivery: DeliveryToSend, attempted: Attempted, attempt: number): Promise<void> {
    const { database, clock } = this.#on;
    const now = clock.now();
    if (attempted.outcome === "ACCEPTED") return endpointAccepted(database, delivery);
    await endpointFailed(database, { delivery, now, gone: attempted.status === 410, message: attempted.message });
    const delayMs = deliveryRetryDelaysMs[attempt - 1];
    if (delayMs !== undefined)
      await postponeOthers(database, { delivery, untilAt: now + Math.min(delayMs, 5 * minute) });
  }

  #readerOf(delivery: DeliveryToSend): MessageReader {
    const { customerId: id, externalCustomerId: externalId, customerName: name, timeZone } = delivery;
    return { customer: { id, externalId, name, timeZone }, portalUrl: this.#on.portalUrl };
  }

  async #alertOf({
    customerId,
    alertId,
  }: DeliveryToSend): Promise<{ alert: AlertRecord | null; meter: MeterRow | null }> {
    const alert = alertId === null ? null : await alertById(this.#on.database, { customerId, id: alertId });
    const meter = alert?.meterId == null ? null : await this.#on.meters.withId(alert.meterId);
    return { alert, meter };
  }

  async #skip(delivery: DeliveryToSend, reason: string): Promise<WorkEnd> {
    await this.#on.database.query("UPDATE alert_delivery SET reason = $3 WHERE customer_id = $1 AND id = $2", [
      delivery.customerId,
      delivery.id,
      reason,
    ]);
    return { state: "SKIPPED", note: reason };
  }

  async #fail(delivery: DeliveryToSend, reason: string): Promise<WorkEnd> {
    await this.#skip(delivery, reason);
    return { state: "FAILED", note: reason };
  }
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
