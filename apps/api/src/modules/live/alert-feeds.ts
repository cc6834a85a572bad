import { type Database, isOutage } from "../../platform/database/index.ts";
import type { LiveSource, Nudges } from "../../platform/live/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import {
  type AlertRecord,
  alertsAfter,
  alertsAfterEach,
  lastAlertSequence,
  lastAlertSequences,
  type LimitAlertType,
  mapAlert,
} from "../alerts/index.ts";
import { type BillingProfile, type MeterRow, selectMeters } from "../catalog/index.ts";
import { AlertFeed, alertsKept } from "./alert-feed.ts";

/** Customers and alerts of one read. */
const customersARead = 500;
const alertsARead = 2_000;
/** Between two reads, so that customers who were nudged together are read together. */
const restMs = 50;
const retryMs = 1_000;
const metersForMs = 10_000;

type Parts = {
  nudges: Nudges;
  database: Database;
  logger: Logger;
  pollEveryMs: number;
};

/** The customers whose alerts somebody watches in this process, all read by one loop. */
export class AlertFeeds {
  readonly #parts: Parts;
  readonly #feeds = new Map<string, AlertFeed>();
  readonly #dirty = new Set<string>();
  #stopHearing: () => void = () => undefined;
  #polls: NodeJS.Timeout | null = null;
  #next: NodeJS.Timeout | null = null;
  #known: { readAt: number; meters: readonly MeterRow[] } | null = null;
  #reading = false;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Customers watched. */
  get size(): number {
    return this.#feeds.size;
  }

  /** Hears nudges, and looks at the table by itself too. */
  start(): void {
    this.#stopHearing = this.#parts.nudges.listen((customerIds) => {
      this.#touch(customerIds === "ALL" ? this.#feeds.keys() : customerIds);
    });
    this.#polls = setInterval(() => this.#touch(this.#feeds.keys()), this.#parts.pollEveryMs);
  }

  close(): void {
    this.#closed = true;
    this.#stopHearing();
    if (this.#polls !== null) clearInterval(this.#polls);
    if (this.#next !== null) clearTimeout(this.#next);
  }

  /** Every alert after `after`, a sequence; with null, every one from now on. */
  async watch(
    { customerId, timeZone }: Pick<BillingProfile, "customerId" | "timeZone">,
    after: string | null,
  ): Promise<LiveSource<LimitAlertType>> {
    const position = after ?? (await lastAlertSequence(this.#parts.database.aside, customerId));
    const feed = this.#feeds.get(customerId) ?? this.#open(customerId, timeZone);
    feed.timeZone = timeZone;
    const source = feed.watch(BigInt(position), (from) => this.#page(customerId, from));
    this.#touch([customerId]);
    return source;
  }

  #open(customerId: string, timeZone: string): AlertFeed {
    const feed = new AlertFeed(timeZone, () => {
      if (this.#feeds.get(customerId) === feed) this.#feeds.delete(customerId);
    });
    this.#feeds.set(customerId, feed);
    return feed;
  }

  /** Through the customer's own wall: a page is one customer's, and may be long ago. */
  async #page(customerId: string, after: bigint): Promise<LimitAlertType[] | null> {
    try {
      const meters = await this.#meters();
      const records = await this.#parts.database.asMember(customerId, (sql) =>
        alertsAfter(sql, { customerId, after: String(after), limit: alertsKept }, meters),
      );
      return await this.#show(records);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#parts.logger.warn({ err: error, customerId }, "could not read earlier alerts");
      return null;
    }
  }

  #touch(customerIds: Iterable<string>): void {
    for (const customerId of customerIds) if (this.#feeds.has(customerId)) this.#dirty.add(customerId);
    if (this.#dirty.size > 0 && !this.#reading && this.#next === null) this.#readIn(0);
  }

  #readIn(delayMs: number): void {
    if (this.#closed) return;
    this.#next = setTimeout(() => {
      this.#next = null;
      this.#reading = true;
      void this.#read().then((waitMs) => {
        this.#reading = false;
        if (this.#dirty.size > 0) this.#readIn(waitMs);
      });
    }, delayMs);
  }

  /** Reads what is new for some of the touched customers; answers how long to wait before the next read. */
  async #read(): Promise<number> {
    const customerIds = [...this.#dirty].slice(0, customersARead);
    for (const customerId of customerIds) this.#dirty.delete(customerId);
    try {
      const known = customerIds.filter((customerId) => this.#feeds.get(customerId)?.through !== null);
      await this.#begin(customerIds.filter((customerId) => this.#feeds.get(customerId)?.through === null));
      await this.#follow(known);
      return restMs;
    } catch (error) {
      this.#parts.logger.warn({ err: error, customers: customerIds.length }, "could not read new alerts");
      for (const customerId of customerIds) this.#dirty.add(customerId);
      return retryMs;
    }
  }

  async #begin(customerIds: readonly string[]): Promise<void> {
    if (customerIds.length === 0) return;
    const last = await lastAlertSequences(this.#parts.database.aside, customerIds);
    for (const customerId of customerIds) this.#feeds.get(customerId)?.begin(BigInt(last.get(customerId) ?? 0));
  }

  async #follow(customerIds: readonly string[]): Promise<void> {
    const positions = customerIds.flatMap((customerId) => {
      const through = this.#feeds.get(customerId)?.through;
      return through == null ? [] : [{ customerId, after: String(through) }];
    });
    if (positions.length === 0) return;
    const { aside } = this.#parts.database;
    const records = await alertsAfterEach(aside, positions, alertsARead, () => this.#meters());
    const shown = Map.groupBy(await this.#show(records), (alert) => alert.customerId);
    for (const { customerId, after } of positions) {
      const feed = this.#feeds.get(customerId);
      // Another feed of the same customer may have been opened meanwhile, and stands elsewhere.
      if (feed?.through !== BigInt(after)) this.#dirty.add(customerId);
      else feed.add(shown.get(customerId) ?? []);
    }
    // What did not fit is read next.
    if (records.length === alertsARead) for (const { customerId } of positions) this.#dirty.add(customerId);
  }

  async #show(records: readonly AlertRecord[]): Promise<LimitAlertType[]> {
    if (records.length === 0) return [];
    const byId = new Map((await this.#meters()).map((meter) => [meter.id, meter]));
    return records.map((record) =>
      mapAlert(record, {
        meter: record.meterId === null ? null : (byId.get(record.meterId) ?? null),
        timeZone: this.#feeds.get(record.customerId)?.timeZone ?? "UTC",
      }),
    );
  }

  /** Read at most every ten seconds: only names and units of a meter ever change. */
  async #meters(): Promise<readonly MeterRow[]> {
    const now = performance.now();
    if (this.#known === null || now - this.#known.readAt > metersForMs) {
      this.#known = { readAt: now, meters: await selectMeters(this.#parts.database.aside, null) };
    }
    return this.#known.meters;
  }
}
