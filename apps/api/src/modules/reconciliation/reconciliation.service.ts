import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import { isUuid, type SessionLocks } from "../../platform/database/index.ts";
import { badUserInput, conflict, invariant, notFound } from "../../platform/graphql/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { type WorkEnd, WorkRows } from "../../platform/work/index.ts";
import { type Meters, selectProfiles } from "../catalog/index.ts";
import { type DiscrepancyRecord, findDiscrepancy, resolveDiscrepancy } from "./discrepancy.repository.ts";
import { purseOfScheduledRun, ReadPurse } from "./read-purse.ts";
import { addCounts, reconcileCustomer } from "./reconcile-customer.ts";
import type { ReconcileParts } from "./reconcile.types.ts";
import {
  customersWithPlan,
  findRun,
  insertRun,
  isScheduledRunning,
  noCounts,
  type ReconciliationRunRecord,
  type RunCounts,
  type RunPlace,
  saveRun,
} from "./reconciliation-run.repository.ts";

/** What the service stands on. */
export type ReconciliationDependencies = ReconcileParts & {
  meters: Meters;
  locks: SessionLocks;
  logger: Logger;
  audit: AuditLog;
};

const lockClass = 7_031;
const concurrency = 2;
const retryDelaysMs = [10_000, 60_000, 600_000];
/** Customers between two savings of how far a run got. */
const chunk = 50;
/** How long one scheduled run goes on; the next one begins where it stopped. */
const scheduledForMs = 50 * 60_000;
const readNote = "Its part of Stripe's read allowance was used up; the next run goes on asking from there.";
const maxReasonLength = 1_000;

/** Looks for numbers that do not agree, on a schedule and when staff ask. */
export class ReconciliationService {
  readonly work: WorkRows;
  readonly #on: ReconciliationDependencies;
  #stopping = false;

  constructor(dependencies: ReconciliationDependencies) {
    this.#on = dependencies;
    this.work = new WorkRows(dependencies, {
      name: "reconciliation_run",
      keyColumn: "id",
      lockName: "id",
      lockClass,
      concurrency,
      retryDelaysMs,
      work: (id) => this.#work(id),
    });
  }

  /** Takes up no more customers, and waits for the one under way; a run goes on in another process. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.work.stop();
  }

  /** Begins the scheduled run, unless the last one is still under way. */
  async startScheduled(): Promise<void> {
    const { database, clock } = this.#on;
    if (await isScheduledRunning(database)) return;
    await insertRun(database, {
      kind: "SCHEDULED",
      customerId: null,
      repair: true,
      startedBy: "system",
      now: clock.now(),
    });
    this.work.nudge();
  }

  /** Begins a run for one customer, or for all. */
  async start(
    viewer: Viewer,
    wanted: { customerId: string | null; repair: boolean },
  ): Promise<ReconciliationRunRecord> {
    const { database, clock, audit } = this.#on;
    const { customerId, repair } = wanted;
    if (customerId !== null) await this.#requireCustomer(customerId);
    const actor = actorOf(viewer);
    const id = await database.transaction(async (transaction) => {
      const made = await insertRun(transaction, {
        kind: "ON_DEMAND",
        customerId,
        repair,
        startedBy: actor,
        now: clock.now(),
      });
      const subject = customerId === null ? "customers" : `customer:${customerId}`;
      await audit.write(transaction, {
        actor,
        action: "reconciliation.start",
        subject,
        detail: { runId: made, repair },
      });
      return made;
    });
    this.work.nudge();
    return this.run(id);
  }

  /** One run. */
  async run(id: string): Promise<ReconciliationRunRecord> {
    const found = await findRun(this.#on.database, id);
    if (found === null) throw notFound("There is no such run.", "id");
    return found;
  }

  /** Settles a discrepancy by staff's word. */
  async resolve(viewer: Viewer, id: string, reason: string): Promise<DiscrepancyRecord> {
    const said = reason.trim();
    if (said === "" || said.length > maxReasonLength)
      throw badUserInput(`Say why it is settled, in at most ${maxReasonLength} characters.`, "reason");
    const { database, audit, clock } = this.#on;
    const found = await this.require(id);
    const actor = actorOf(viewer);
    await database.transaction(async (transaction) => {
      const by = { actor, reason: said, now: clock.now() };
      if (!(await resolveDiscrepancy(transaction, found, by)))
        throw conflict("The discrepancy is settled already.", "id");
      const detail = { kind: found.kind, subject: found.subject, reason: said };
      await audit.write(transaction, { actor, action: "discrepancy.resolve", subject: `discrepancy:${id}`, detail });
    });
    return this.require(id);
  }

  /** One discrepancy; NOT_FOUND where there is none. */
  async require(id: string): Promise<DiscrepancyRecord> {
    const found = isUuid(id) ? await findDiscrepancy(this.#on.database, id) : null;
    if (found === null) throw notFound("There is no such discrepancy.", "id");
    return found;
  }

  async #requireCustomer(customerId: string): Promise<void> {
    const ids = isUuid(customerId) ? [customerId] : [];
    const [profile] = await selectProfiles(this.#on.database, { ids, externalIds: [] });
    if (profile === undefined) throw notFound("There is no such customer.", "customerId");
  }

  async #work(id: string): Promise<WorkEnd> {
    const { database, clock } = this.#on;
    const run = await findRun(database, id);
    invariant(run, `run ${id} is there`);
    const until = performance.now() + scheduledForMs;
    let counts: RunCounts = run;
    let place: RunPlace = run;
    // The last one of whom Stripe could be asked everything; null for none yet.
    let asked = run.cursor;
    for (;;) {
      const next = await this.#next(run, place);
      if (next.length === 0) {
        if (!place.wrapped && run.startedAfter !== null) {
          place = { ...place, cursor: null, wrapped: true };
          continue;
        }
        await saveRun(database, { id, ...place, counts, again: null });
        return { state: "DONE", note: place.resumeAfter === null ? null : readNote };
      }
      for (const customerId of next) {
        const { done, wasShort } = await this.#one({ ...run, ...counts }, customerId);
        counts = addCounts(counts, done);
        // One who has more to ask than a whole run may is passed over, or no other would ever have its turn.
        if (wasShort) place = { ...place, resumeAfter: place.resumeAfter ?? asked ?? customerId };
        else asked = customerId;
        place = { ...place, cursor: customerId };
        if (this.#stopping) break;
      }
      const isOver = run.kind === "SCHEDULED" && performance.now() >= until;
      if (isOver) place = { ...place, resumeAfter: place.resumeAfter ?? place.cursor };
      await saveRun(database, { id, ...place, counts, again: this.#stopping ? clock.now() : null });
      if (this.#stopping) return { state: "RUNNING", note: null };
      if (isOver) return { state: "DONE", note: "Its time was over; the next run goes on from here." };
    }
  }

  async #next(run: ReconciliationRunRecord, { cursor, wrapped }: RunPlace): Promise<string[]> {
    if (run.customerId !== null) return cursor === null ? [run.customerId] : [];
    const upTo = wrapped ? run.startedAfter : null;
    return customersWithPlan(this.#on.database, { after: cursor, upTo, limit: chunk });
  }

  /** A customer that fails keeps no other waiting. */
  async #one(run: ReconciliationRunRecord, customerId: string): Promise<{ done: RunCounts; wasShort: boolean }> {
    const { meters, logger } = this.#on;
    const purse = await this.#purse(run);
    try {
      const isThorough = run.kind === "ON_DEMAND";
      const options = { runId: run.id, repair: run.repair, purse, isThorough, meters: await meters.all() };
      return { done: await reconcileCustomer(this.#on, customerId, options), wasShort: purse.wasShort };
    } catch (error) {
      logger.error({ err: error, customerId, runId: run.id }, "a customer could not be reconciled");
      return { done: { ...noCounts, customersFailed: 1, reads: purse.spent }, wasShort: purse.wasShort };
    }
  }

  /** What one customer may have read: a run by hand what is left of the allowance, a scheduled one less. */
  async #purse(run: ReconciliationRunRecord): Promise<ReadPurse> {
    const { gateway, database } = this.#on;
    if (gateway === null) return new ReadPurse(0);
    const left = await gateway.reads.left(database);
    if (run.kind === "ON_DEMAND") return new ReadPurse(left);
    return purseOfScheduledRun({ readsPerMonth: gateway.reads.allowance, left, spent: run.reads });
  }
}
