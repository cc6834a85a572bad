import { type AlertSeverity, decideTelling, type EpochMs, type QuietHours } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { type TellingSettings, tellingSettings } from "../alerts/index.ts";
import { type DeliveryPlan, type NewDelivery, queueAlerts } from "./delivery.repository.ts";
import { activeTargets, type Target } from "./delivery-targets.read-model.ts";

/** What queueing stands on. `onQueued` hears that there is something to send. */
export type DeliveryQueueDependencies = { database: Database; clock: Clock; logger: Logger; onQueued(): void };

const pollMs = 1_000;
const alertsALook = 500;

/**
 * Turns alerts into deliveries: one row for each way of telling each person or system, written by the statement that
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
      const waiting = await this.#on.database.aside.query<WaitingAlert>(
        `SELECT customer_id AS "customerId", id, rule_id AS "ruleId", severity FROM alert
         WHERE queued_at IS NULL ORDER BY crossed_at LIMIT ${alertsALook}`,
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
  async #queue(waiting: readonly WaitingAlert[]): Promise<void> {
    if (waiting.length === 0) return;
    const now = this.#on.clock.now();
    const { aside } = this.#on.database;
    const [settings, targets] = await Promise.all([
      tellingSettings(aside, waiting),
      activeTargets(aside, [...new Set(waiting.map((alert) => alert.customerId))]),
    ]);
    const deliveries = waiting.flatMap((alert, index): NewDelivery[] => {
      const telling = settings[index];
      if (telling === undefined) return [];
      const told = targets.get(alert.customerId)?.filter((target) => telling.channels.includes(target.channel)) ?? [];
      return told.map((target) => ({
        customerId: alert.customerId,
        alertId: alert.id,
        target,
        ...planOf(target, alert.severity, telling, now),
      }));
    });
    await queueAlerts(aside, { alerts: waiting, deliveries, now });
  }
}

/** An alert of which nobody has been told. */
type WaitingAlert = { customerId: string; id: string; ruleId: string; severity: AlertSeverity };

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
