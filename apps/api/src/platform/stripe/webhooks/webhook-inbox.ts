import type { Clock } from "../../clock.ts";
import { type Database, isUniqueViolation, type SessionLocks, type Sql } from "../../database/index.ts";
import { invariant } from "../../graphql/errors.ts";
import type { Logger } from "../../observability/index.ts";
import { type WorkEnd, WorkRows } from "../../work/index.ts";
import type { StripePlace } from "../stripe-settings.ts";
import { type StripeWebhookEvent, twinKeyOf, type WebhookFamily } from "./webhook-event.ts";
import type { WebhookHandlers } from "./webhook-handlers.ts";

/** What the inbox stands on. */
export type InboxDependencies = {
  database: Database;
  locks: SessionLocks;
  clock: Clock;
  logger: Logger;
  handlers: WebhookHandlers;
  place: StripePlace;
};

const lockClass = 7_010;
const concurrency = 4;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** An outage of hours is outlasted, and Stripe asks nobody to wait for it: it was answered long ago. */
export const webhookRetryDelaysMs: readonly number[] = [
  2 * second,
  10 * second,
  minute,
  5 * minute,
  20 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
];

/** Keeps what Stripe told us and works it off, each event once, those of one object one after the other. */
export class WebhookInbox {
  readonly work: WorkRows;
  readonly #on: InboxDependencies;

  constructor(dependencies: InboxDependencies) {
    this.#on = dependencies;
    this.work = new WorkRows(dependencies, {
      name: "stripe_webhook_event",
      keyColumn: "id",
      lockName: "coalesce(object_id, id)",
      lockClass,
      concurrency,
      retryDelaysMs: webhookRetryDelaysMs,
      work: (id) => this.#work(id),
    });
  }

  /** Stores an event; committed when it resolves. The same event again only counts. */
  async store(event: StripeWebhookEvent): Promise<void> {
    await this.#store(event, { wasListed: false });
    this.work.nudge();
  }

  /** Stores those of some events that are not here, as nobody sent them; answers how many that were. */
  async storeMissed(events: readonly StripeWebhookEvent[]): Promise<number> {
    if (events.length === 0) return 0;
    const rows = await this.#on.database.query<{ id: string }>(
      "SELECT id FROM stripe_webhook_event WHERE id = ANY ($1::text[])",
      [events.map((event) => event.id)],
    );
    const known = new Set(rows.map((row) => row.id));
    // In the order in which they happened; lists are newest first.
    const missed = events.filter((event) => !known.has(event.id)).toReversed();
    for (const event of missed) await this.#store(event, { wasListed: true });
    if (missed.length > 0) this.work.nudge();
    return missed.length;
  }

  async #store(event: StripeWebhookEvent, how: { wasListed: boolean }): Promise<void> {
    try {
      await this.#insert(event, how);
    } catch (error) {
      // Its twin was stored at the same moment; now it is seen.
      if (!isUniqueViolation(error)) throw error;
      await this.#insert(event, how);
    }
  }

  async #insert(event: StripeWebhookEvent, { wasListed }: { wasListed: boolean }): Promise<void> {
    const now = new Date(this.#on.clock.now());
    const { id, family, type, objectId, occurredAt, content } = event;
    const foreign = this.#foreign(event);
    const twin = foreign === null ? await this.#twinOf(event) : null;
    const note = foreign ?? (twin === null ? null : `The same as ${twin}.`);
    await this.#on.database.query(
      `INSERT INTO stripe_webhook_event AS stored
         (id, family, type, object_id, occurred_at, received_at, content, twin_key, state, note, due_at,
          deliveries, caught_up)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       ON CONFLICT (id) DO UPDATE SET deliveries = stored.deliveries + excluded.deliveries`,
      [
        id,
        family,
        type,
        objectId,
        new Date(occurredAt),
        now,
        JSON.stringify(content),
        note === null ? twinKeyOf(event) : null,
        note === null ? "WAITING" : "IGNORED",
        note,
        note === null ? now : null,
        wasListed ? 0 : 1,
        wasListed,
      ],
    );
  }

  /** Has a failed or ignored event worked again, now; false when there is none. */
  async again(sql: Sql, id: string): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE stripe_webhook_event SET state = 'WAITING', attempts = 0, due_at = $2, note = NULL
       WHERE id = $1 AND state <> 'WAITING' RETURNING id`,
      [id, new Date(this.#on.clock.now())],
    );
    this.work.nudge();
    return rows.length > 0;
  }

  /** Forgets what is done with, after so many days. What failed stays until somebody has seen to it. */
  async forget(retentionDays: number): Promise<void> {
    const before = new Date(this.#on.clock.now() - retentionDays * 24 * hour);
    await this.#on.database.query(
      `DELETE FROM stripe_webhook_event WHERE id IN (SELECT id FROM stripe_webhook_event
         WHERE received_at < $1 AND state IN ('DONE', 'IGNORED') ORDER BY received_at LIMIT 50000)`,
      [before],
    );
    await this.#on.database.query("DELETE FROM stripe_webhook_refusal WHERE hour < $1", [before]);
  }

  /** Why an event is not for us at all; null when it is. */
  #foreign(event: StripeWebhookEvent): string | null {
    if (event.isLive === (this.#on.place === "LIVE")) return null;
    return event.isLive ? "Of live mode, and the key is of test mode." : "Of test mode, and the key is of live mode.";
  }

  async #twinOf(event: StripeWebhookEvent): Promise<string | null> {
    const twinKey = twinKeyOf(event);
    if (twinKey === null) return null;
    const [row] = await this.#on.database.query<{ id: string }>(
      "SELECT id FROM stripe_webhook_event WHERE twin_key = $1 AND id <> $2",
      [twinKey, event.id],
    );
    return row?.id ?? null;
  }

  async #work(id: string): Promise<WorkEnd> {
    const event = await this.#stored(id);
    const handlers = this.#on.handlers.of(event.type);
    if (handlers.length === 0) return { state: "IGNORED", note: "Nothing here works this type." };
    const did: string[] = [];
    const ignored: string[] = [];
    for (const handle of handlers) {
      const answer = await handle(event);
      if ("did" in answer) did.push(answer.did);
      else ignored.push(answer.ignored);
    }
    return did.length > 0 ? { state: "DONE", note: did.join(" ") } : { state: "IGNORED", note: ignored.join(" ") };
  }

  async #stored(id: string): Promise<StripeWebhookEvent> {
    const [row] = await this.#on.database.query<EventColumns>(
      "SELECT id, family, type, object_id, occurred_at, content FROM stripe_webhook_event WHERE id = $1",
      [id],
    );
    invariant(row !== undefined, "an event that is worked is stored");
    return {
      id: row.id,
      family: row.family,
      type: row.type,
      objectId: row.object_id,
      occurredAt: row.occurred_at.getTime(),
      isLive: row.content["livemode"] === true,
      content: row.content,
    };
  }
}

type EventColumns = {
  id: string;
  family: WebhookFamily;
  type: string;
  object_id: string | null;
  occurred_at: Date;
  content: Record<string, unknown>;
};
