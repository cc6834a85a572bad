import type { Clock } from "../../clock.ts";
import type { Database, SessionLocks } from "../../database/index.ts";
import { invariant } from "../../graphql/errors.ts";
import type { Logger } from "../../observability/index.ts";
import { type WorkEnd, WorkRows } from "../../work/index.ts";
import { classifyStripeError } from "../stripe-failure.ts";
import type { StripeGateway } from "../stripe-gateway.ts";
import { keptMs, mayList, overlapMs, underWayMs, waitAfterPass } from "./catch-up-pace.ts";
import { type CatchUp, findCatchUp, saveCatchUp, wantCatchUp } from "./event-catch-up.repository.ts";
import { partsOf, readEventPage, typesOfFamily } from "./event-list.ts";
import type { WebhookHandlers } from "./webhook-handlers.ts";
import type { WebhookInbox } from "./webhook-inbox.ts";

/** What catching up stands on. */
export type CatchUpDependencies = {
  database: Database;
  locks: SessionLocks;
  clock: Clock;
  logger: Logger;
  gateway: StripeGateway;
  handlers: WebhookHandlers;
  inbox: WebhookInbox;
};

const lockClass = 7_011;
const second = 1_000;
const minute = 60 * second;
/** A bug of ours; what Stripe refuses is looked at again by itself. */
const retryDelaysMs = [10 * second, minute, 10 * minute, 60 * minute];
/** Pages a turn; a longer pass goes on in the next one, from where it was saved. */
const pagesATurn = 20;
const refusedWaitMs = 60 * minute;
const beginAgainMs = 10 * second;

/**
 * Puts into the inbox what Stripe told and nobody here heard: on start, and every few minutes, the events of the types
 * that somebody works are listed since the last time, and those that the inbox does not have are stored in it. From there
 * on they are worked like any other.
 */
export class EventCatchUp {
  readonly work: WorkRows;
  readonly #on: CatchUpDependencies;
  #beginning: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(dependencies: CatchUpDependencies) {
    this.#on = dependencies;
    this.work = new WorkRows(dependencies, {
      name: "stripe_event_catch_up",
      keyColumn: "family",
      lockName: "family",
      lockClass,
      concurrency: 2,
      retryDelaysMs,
      work: (family) => this.#work(family),
    });
  }

  /** Looks now, and from then on again and again. */
  start(): void {
    this.work.start();
    void this.#begin();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#beginning);
    await this.work.stop();
  }

  /** Has both families listed at once, as after an outage. */
  async want(): Promise<void> {
    await wantCatchUp(this.#on.database, this.#on.clock.now());
    this.work.nudge();
  }

  async #begin(): Promise<void> {
    try {
      await this.want();
    } catch (error) {
      this.#on.logger.warn({ err: error }, "could not begin to catch up with Stripe's events");
      if (!this.#isStopped) this.#beginning = setTimeout(() => void this.#begin(), beginAgainMs);
    }
  }

  async #work(family: string): Promise<WorkEnd> {
    const { database, clock, gateway } = this.#on;
    const catchUp = await findCatchUp(database, family);
    invariant(catchUp, `the catch-up of ${family} is there`);
    const { allowance } = gateway.reads;
    if (!mayList({ left: await gateway.reads.left(database), readsPerMonth: allowance }))
      return this.#later("The read allowance is nearly used up.", refusedWaitMs);
    try {
      const { reads, isDone, found, lost } = await this.#turn(catchUp);
      const note = [found === 0 ? null : `Found ${found} that nobody had sent here.`, lost].filter(Boolean).join(" ");
      if (!isDone) return { state: "WAITING", note: note || null, againAt: clock.now() };
      const everyMs = gateway.settings.catchUpEveryMs;
      // Of a sandbox nobody counts the reads.
      const waitMs =
        gateway.place === "SANDBOX" ? everyMs : waitAfterPass({ everyMs, reads, readsPerMonth: allowance });
      return this.#later(note || null, waitMs);
    } catch (error) {
      const { kind, code, message, retryAfterMs } = classifyStripeError(error);
      if (kind !== "PERMANENT") return this.#later(`${code}: ${message}`, retryAfterMs ?? minute);
      // Where it was to go on is not there any more: the pass begins anew.
      if (catchUp.pass?.after != null) {
        const anew = { ...catchUp, pass: { ...catchUp.pass, part: 0, after: null } };
        await saveCatchUp(database, { ...anew, found: 0, now: clock.now() });
        return this.#later(`${code}: ${message}`, minute);
      }
      return this.#later(`${code}: ${message}`, refusedWaitMs);
    }
  }

  /** Some pages of a pass, each saved when it is stored. */
  async #turn(before: CatchUp): Promise<{ reads: number; isDone: boolean; found: number; lost: string | null }> {
    const { database, clock, gateway, handlers, inbox } = this.#on;
    const { family, readTo } = before;
    const parts = partsOf(typesOfFamily(handlers.types, family));
    const now = clock.now();
    const oldest = now - keptMs;
    const since = Math.max(readTo - overlapMs, oldest);
    const lost = readTo < oldest ? "What is older than 30 days is not kept at Stripe any more." : null;
    let pass = before.pass ?? { until: now, part: 0, after: null };
    let found = 0;
    let reads = 0;
    while (pass.part < parts.length) {
      if (reads === pagesATurn) return { reads, isDone: false, found, lost };
      const query = { family, types: parts[pass.part] ?? [], since, after: pass.after };
      const { events, next } = await readEventPage(gateway, query);
      reads += 1;
      const missed = await inbox.storeMissed(events.filter((event) => event.occurredAt <= now - underWayMs));
      found += missed;
      pass = next === null ? { ...pass, part: pass.part + 1, after: null } : { ...pass, after: next };
      await saveCatchUp(database, { family, readTo, pass, found: missed, now: clock.now() });
    }
    await saveCatchUp(database, { family, readTo: Math.max(readTo, pass.until), pass: null, found: 0, now });
    return { reads, isDone: true, found, lost };
  }

  #later(note: string | null, forMs: number): WorkEnd {
    return { state: "WAITING", note, againAt: this.#on.clock.now() + forMs };
  }
}
