import type { Clock } from "../../platform/clock.ts";
import { type Database, type SessionLocks, Together } from "../../platform/database/index.ts";
import type { Nudging } from "../../platform/live/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { WorkLanes } from "../../platform/work/index.ts";
import { type AlertRecord, alertsByIds } from "../alerts/index.ts";
import type { MeterRow, Meters } from "../catalog/index.ts";
import {
  beginAttempts,
  type BegunAttempt,
  deliveriesToSend,
  type DueDelivery,
  dueDeliveries,
  endAttempts,
  type EndedAttempt,
  leaveDelivery,
} from "./delivery-attempt.repository.ts";
import { type Attempted, type Message, type SenderParts, sendMessage } from "./delivery-sender.ts";
import { endpointAccepted, endpointFailed, postponeOthers } from "./webhook-endpoint.repository.ts";

/** What sending stands on. */
export type DeliveryWorkerDependencies = SenderParts & {
  database: Database;
  locks: SessionLocks;
  clock: Clock;
  logger: Logger;
  nudges: Nudging;
  meters: Meters;
};

/** Tells its locks from those of other tables. */
const deliveryLockClass = 7052;
/** A webhook is mostly waiting for somebody else's machine; a mail server takes a few conversations at a time. */
const concurrency = { WEBHOOK: 128, EMAIL: 16 } as const;
const mostTogether = 200;
/** While so many are under way, what came of one waits a moment for what comes of others. */
const manyUnderWay = 8;
const gatherMs = 20;
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

/** An attempt that has begun. */
type Begun = Message & BegunAttempt;

/**
 * Sends what is queued. The attempt is written down before anything leaves, and what came of it after; a process that
 * dies in between leaves an attempt without an answer, and the delivery is sent again with the same id. So everything
 * is sent at least once, and twice only where the answer to the first was lost.
 *
 * What deliveries ask of the database they ask together ({@link Together}), so that a burst costs a few statements for
 * hundreds of them; and on connections beside the pool, where no request is in front of them.
 */
export class DeliveryWorker {
  /** Mail and webhooks apart, so that a mail server that hangs holds up no webhook. */
  readonly work: Pick<WorkLanes<DueDelivery, Begun>, "start" | "stop" | "nudge" | "drain">;
  readonly #on: DeliveryWorkerDependencies;
  readonly #begin = new Together<DueDelivery, Begun | null>((due) => this.#beginAll(due), { max: mostTogether });
  readonly #end = new Together<EndedAttempt, void>((ended) => this.#endAll(ended), {
    max: mostTogether,
    gatherMs: () => (this.#underWay > manyUnderWay ? gatherMs : 0),
  });
  #underWay = 0;

  constructor(dependencies: DeliveryWorkerDependencies) {
    this.#on = dependencies;
    const webhooks = this.#lanes("WEBHOOK");
    const mail = this.#lanes("EMAIL");
    this.work = {
      start: () => [webhooks, mail].forEach((lanes) => lanes.start()),
      nudge: () => [webhooks, mail].forEach((lanes) => lanes.nudge()),
      stop: async () => void (await Promise.all([webhooks.stop(), mail.stop()])),
      drain: async () => (await webhooks.drain()) + (await mail.drain()),
    };
  }

  #lanes(channel: "EMAIL" | "WEBHOOK"): WorkLanes<DueDelivery, Begun> {
    const { database, clock } = this.#on;
    return new WorkLanes(this.#on, {
      name: `alert_delivery ${channel}`,
      lockClass: deliveryLockClass,
      concurrency: concurrency[channel],
      due: (limit, without) => dueDeliveries(database.aside, { channel, now: clock.now(), limit, without }),
      take: (due) => this.#begin.ask(due),
      work: async (begun) => {
        this.#underWay += 1;
        try {
          await this.#deliver(begun);
        } finally {
          this.#underWay -= 1;
        }
      },
    });
  }

  /** The attempts that begin now; null for what is not due any more, or is not to be sent. */
  async #beginAll(due: readonly DueDelivery[]): Promise<(Begun | null)[]> {
    const { database, clock, mailer } = this.#on;
    const found = await deliveriesToSend(database.aside, due, clock.now());
    const going = [];
    for (const delivery of found.values()) {
      if (delivery.channel === "EMAIL" && mailer === null)
        await leaveDelivery(database, { ...delivery, state: "SKIPPED", reason: "No mail server is set (SMTP_URL)." });
      else if (delivery.endpoint?.isPaused && delivery.kind === "ALERT")
        await leaveDelivery(database, { ...delivery, state: "QUEUED", reason: "Waits until the endpoint is resumed." });
      else going.push(delivery);
    }
    const told = going.flatMap(({ customerId, alertId }) => (alertId === null ? [] : [{ customerId, id: alertId }]));
    const alerts = await alertsByIds(database.aside, told);
    const meters = await this.#metersOf(alerts.values());
    const begun = await beginAttempts(database.aside, going, clock.now());
    return due.map(({ id }) => {
      const delivery = found.get(id);
      const attempt = begun.get(id);
      if (delivery === undefined || attempt === undefined) return null;
      const alert = alerts.get(delivery.alertId ?? "") ?? null;
      return { delivery, alert, meter: meters.get(alert?.meterId ?? "") ?? null, ...attempt };
    });
  }

  /** One after the other: where the first is not known yet, all are read. */
  async #metersOf(alerts: Iterable<AlertRecord>): Promise<Map<string, MeterRow>> {
    const meters = new Map<string, MeterRow>();
    for (const id of new Set(Array.from(alerts, (alert) => alert.meterId))) {
      const meter = id === null ? null : await this.#on.meters.withId(id);
      if (meter !== null) meters.set(meter.id, meter);
    }
    return meters;
  }

  async #deliver(begun: Begun): Promise<void> {
    const { clock } = this.#on;
    const { delivery, attempt } = begun;
    const attempted = await this.#attempt(begun);
    const isAccepted = attempted.outcome === "ACCEPTED";
    const delayMs = attempted.retryable ? deliveryRetryDelaysMs[attempt - 1] : undefined;
    const again = !isAccepted && delayMs !== undefined;
    const waiting = attempted.mayHaveArrived ? "UNCERTAIN" : "QUEUED";
    await this.#end.ask({
      ...begun,
      customerId: delivery.customerId,
      id: delivery.id,
      outcome: attempted.outcome,
      status: attempted.status,
      message: attempted.message,
      state: isAccepted ? "SENT" : again ? waiting : "FAILED",
      reason: isAccepted || again ? null : attempted.message,
      dueAt: again ? clock.now() + delayMs : null,
      answeredAt: clock.now(),
    });
    if (delivery.endpoint !== null && (delivery.endpoint.isFailing || !isAccepted))
      await this.#judgeEndpoint(begun, attempted);
  }

  /** A fault of ours, such as a secret that cannot be opened, is an attempt that failed too. */
  async #attempt(begun: Begun): Promise<Attempted> {
    try {
      return await sendMessage(this.#on, begun, this.#on.clock.now());
    } catch (error) {
      this.#on.logger.error({ err: error, delivery: begun.delivery.id, attempt: begun.number }, "could not send");
      const message = "It could not be sent, by a fault of ours.";
      return { outcome: "UNKNOWN", status: null, message, retryable: true, mayHaveArrived: false };
    }
  }

  async #endAll(ended: readonly EndedAttempt[]): Promise<void[]> {
    await endAttempts(this.#on.database.aside, ended);
    this.#on.nudges.nudge(new Set(ended.map((one) => one.customerId)));
    return ended.map(() => undefined);
  }

  async #judgeEndpoint({ delivery, attempt }: Begun, attempted: Attempted): Promise<void> {
    const { database, clock } = this.#on;
    const now = clock.now();
    if (attempted.outcome === "ACCEPTED") return endpointAccepted(database, delivery);
    await endpointFailed(database, { delivery, now, gone: attempted.status === 410, message: attempted.message });
    const delayMs = deliveryRetryDelaysMs[attempt - 1];
    if (delayMs !== undefined)
      await postponeOthers(database, { delivery, untilAt: now + Math.min(delayMs, 5 * minute) });
  }
}
