import { type AlertSeverity, decideTelling, type EpochMs, type QuietHours } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { type TellingSettings, tellingSettings } from "../alerts/index.ts";
import { type DeliveryPlan, insertDeliveries, type NewDelivery } from "./delivery.repository.ts";
import { activeTargets, type Target } from "./delivery-targets.read-model.ts";

/** What queueing stands on. `onQueued` hears that there is something to send. */
export type DeliveryQueueDependencies = { database: Database; clock: Clock; logger: Logger; onQueued(): void };

const pollMs = 1_000;
const alertsALook = 100;

/**
 * Turns alerts into deliveries: one row for each way of telling each person or system, written in the transaction that
 * says that the alert has been queued. It may be asked at any time, by any number of processes; whoever is first does it.
 */
export class DeliveryQueue {
  readonly #on: DeliveryQueueDependencies;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;

  constructor(dependencies: DeliveryQueueDependencies) {
    this.#on = dependencies;
  }

  start(): void {
    this.#running = true;
    this.nudge();
  }

  /** Begins no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** There may be a new alert. Does nothing where no work is done. */
  nudge(): void {
    if (!this.#running) return;
    this.#lookAgain = this.#looking !== null;
    if (this.#looking !== null) return;
    clearTimeout(this.#timer);
    this.#looking = this.drain()
      .then(
        () => undefined,
        (error: unknown) => this.#on.logger.warn({ err: error }, "could not queue deliveries"),
      )
      .finally(() => {
        this.#looking = null;
        if (!this.#running) return;
        if (this.#lookAgain) this.nudge();
        else this.#timer = setTimeout(() => this.nudge(), pollMs);
      });
  }

  /** Queues the deliveries of every alert that has none yet; answers how many alerts those were. */
  async drain(): Promise<number> {
    let queued = 0;
    for (;;) {
      const waiting = await this.#on.database.query<{ customer_id: string; id: string }>(
        `SELECT customer_id, id FROM alert WHERE queued_at IS NULL ORDER BY crossed_at LIMIT ${alertsALook}`,
        [],
        "alerts_to_queue",
      );
      await this.#queue(waiting);
      queued += waiting.length;
      if (waiting.length > 0) this.#on.onQueued();
      if (waiting.length < alertsALook) return queued;
    }
  }

  /** All or nothing of them: an alert that another process was faster with is left out. */
  async #queue(waiting: readonly { customer_id: string; id: string }[]): Promise<void> {
    if (waiting.length === 0) return;
    const now = this.#on.clock.now();
    await this.#on.database.transaction(async (transaction) => {
      const claimed = await transaction.query<{
        id: string;
        customer_id: string;
        rule_id: string;
        severity: AlertSeverity;
      }>(
        `UPDATE alert SET queued_at = $3
         FROM (
           SELECT a.customer_id, a.id FROM unnest($1::uuid[], $2::uuid[]) AS w (customer_id, id)
           JOIN alert a ON a.customer_id = w.customer_id AND a.id = w.id AND a.queued_at IS NULL
           ORDER BY a.customer_id, a.id FOR UPDATE OF a
         ) mine
         WHERE alert.customer_id = mine.customer_id AND alert.id = mine.id AND alert.queued_at IS NULL
         RETURNING alert.id, alert.customer_id, alert.rule_id, alert.severity`,
        [waiting.map((one) => one.customer_id), waiting.map((one) => one.id), new Date(now)],
        "claim_alerts",
      );
      if (claimed.length === 0) return;
      const settings = await tellingSettings(
        transaction,
        claimed.map((alert) => ({ customerId: alert.customer_id, ruleId: alert.rule_id })),
      );
      const targets = await activeTargets(transaction, [...new Set(claimed.map((alert) => alert.customer_id))]);
      const deliveries = claimed.flatMap((alert, index): NewDelivery[] => {
        const telling = settings[index];
        if (telling === undefined) return [];
        const told =
          targets.get(alert.customer_id)?.filter((target) => telling.channels.includes(target.channel)) ?? [];
        return told.map((target) => ({
          customerId: alert.customer_id,
          alertId: alert.id,
          target,
          ...planOf(target, alert.severity, telling, now),
        }));
      });
      await insertDeliveries(transaction, deliveries);
    });
  }
}

function planOf(target: Target, severity: AlertSeverity, settings: TellingSettings, now: EpochMs): DeliveryPlan {
  const { snoozedUntil, quietFromMinute, quietToMinute, timeZone } = settings;
  const quietHours: QuietHours | null =
    quietFromMinute === null || quietToMinute === null
      ? null
      : { fromMinute: quietFromMinute, toMinute: quietToMinute, timeZone };
  const telling = decideTelling({ channel: target.channel, severity, now, quietHours, snoozedUntil });
  if (telling.tell === "NOT") return { state: "SKIPPED", dueAt: null, reason: telling.reason, now };
  // Being in the list is being told.
  if (target.channel === "IN_APP") return { state: "SENT", dueAt: null, reason: null, now };
  if (target.isPaused) return { state: "QUEUED", dueAt: null, reason: "Waits until the endpoint is resumed.", now };
  if (telling.tell === "LATER") return { state: "QUEUED", dueAt: telling.at, reason: telling.reason, now };
  return { state: "QUEUED", dueAt: now, reason: null, now };
}
