import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, SessionLocks, Transaction } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import { type WorkEnd, WorkRows } from "../../platform/work/index.ts";
import type { Meters } from "../catalog/index.ts";
import { previewSubject, settleGone, supersede, writeDiscrepancy } from "../reconciliation/index.ts";
import { wholeAtStake } from "./amount-at-stake.ts";
import {
  CLOSING_STEPS,
  type ClosingStep,
  findClosing,
  moveClosing,
  type NewClosing,
  type PeriodClosing,
  releaseClosing,
  upsertClosing,
} from "./period-closing.repository.ts";
import type { PeriodLinks, PeriodReporting } from "./period-end.ports.ts";
import {
  addInvoiceItems,
  awaitFreeze,
  awaitSummaries,
  compareWithInvoice,
  creditInvoice,
  finalizeInvoice,
  flushReports,
  holdDraft,
  type StepOutcome,
  type StepParts,
  type TicketFinding,
} from "./period-end-steps.ts";
import { makeLateInvoice } from "./late-invoice.ts";
import { lookAgainAfter } from "./look-again.ts";
import { finishStatement, savePayment, setStatementState, statementOfPeriod } from "./statement.repository.ts";

/** What the service stands on. */
export type PeriodEndDependencies = {
  database: Database;
  gateway: StripeGateway;
  reporting: PeriodReporting;
  links: PeriodLinks;
  meters: Meters;
  locks: SessionLocks;
  clock: Clock;
  logger: Logger;
};

type Step = (parts: StepParts, closing: PeriodClosing) => Promise<StepOutcome>;

const steps: Record<Exclude<ClosingStep, "DONE">, Step> = {
  HOLD: holdDraft,
  FREEZE: awaitFreeze,
  REPORT: flushReports,
  SETTLE: awaitSummaries,
  ITEMS: addInvoiceItems,
  FINALIZE: finalizeInvoice,
  COMPARE: compareWithInvoice,
  CREDIT: creditInvoice,
  INVOICE: makeLateInvoice,
};

const lockClass = 7_030;
const concurrency = 8;
const second = 1_000;
const minute = 60 * second;
/** A bug of ours is tried again so often; what Stripe answers is judged by the steps and never counted here. */
const retryDelaysMs = [5 * second, 30 * second, 5 * minute, 30 * minute, 120 * minute];
/** More steps than there are, with every way back taken a few times. */
const maxStepsInARow = 30;
const failureWaitMs = 15 * second;
const mostFailureWaitMs = 10 * minute;
const refusedLookAgainMs = 60 * minute;

/**
 * Brings the end of a billing period through Stripe: hold the draft, freeze, tell Stripe the rest, wait until it counts it,
 * add what it cannot rate, finalize, and compare to the cent. Each step is safe to do twice and ends in one write that
 * moves the closing on, so a process may be killed between any two writes.
 */
export class PeriodEndService {
  readonly work: WorkRows;
  readonly #on: PeriodEndDependencies;

  constructor(dependencies: PeriodEndDependencies) {
    this.#on = dependencies;
    this.work = new WorkRows(dependencies, {
      name: "period_closing",
      keyColumn: "id",
      lockName: "id",
      lockClass,
      concurrency,
      retryDelaysMs,
      work: (id) => this.#work(id),
    });
  }

  /** Has a period's end worked: in the transaction that freezes it, or when Stripe tells of its invoice. */
  async begin(sql: Pick<Transaction, "query">, closing: NewClosing): Promise<string> {
    const id = await upsertClosing(sql, closing, this.#on.clock.now());
    this.work.nudge();
    return id;
  }

  /** Lets a held one go on where it was; false when it is not held. */
  async retry(id: string): Promise<boolean> {
    const released = await releaseClosing(this.#on.database, id, this.#on.clock.now());
    this.work.nudge();
    return released;
  }

  async #work(id: string): Promise<WorkEnd> {
    for (let count = 0; count < maxStepsInARow; count += 1) {
      const closing = await findClosing(this.#on.database, id);
      invariant(closing, `closing ${id} is there`);
      const step = closing.state === "HELD" ? closing.heldStep : closing.state;
      if (step === null || step === "DONE") return { state: closing.state, note: closing.note };
      if (!(await this.#step(closing, step))) break;
    }
    const closing = await findClosing(this.#on.database, id);
    invariant(closing, `closing ${id} is there`);
    // `attempts` is 0 by now, so this ends nothing: the closing says itself when it is looked at again.
    return { state: closing.state, note: closing.note };
  }

  /** One step; true when the next one can be taken at once. */
  async #step(closing: PeriodClosing, step: Exclude<ClosingStep, "DONE">): Promise<boolean> {
    const { database, gateway, reporting, links, clock } = this.#on;
    const parts = { database, gateway, reporting, links, now: () => clock.now() };
    let outcome: StepOutcome;
    try {
      outcome = await steps[step](parts, closing);
    } catch (error) {
      outcome = this.#judge(error, closing);
    }
    return this.#apply(closing, step, outcome);
  }

  /** What Stripe's refusal means: again later, or a person has to look. Anything else is a bug and is thrown. */
  #judge(error: unknown, closing: PeriodClosing): StepOutcome {
    const failure = classifyStripeError(error);
    const message = `${failure.code}: ${failure.message}`;
    // Every write has a key of its own and is looked for before it is made again, so doubt is no more than a delay.
    if (failure.kind !== "PERMANENT") {
      const waitedMs = this.#on.clock.now() - closing.stepSince;
      const forMs = failure.retryAfterMs ?? Math.min(Math.max(failureWaitMs, waitedMs / 4), mostFailureWaitMs);
      return { to: "WAIT", forMs: Math.round(forMs), note: message };
    }
    const found = { kind: "STRIPE_REFUSED", part: "invoice", meterKey: null, expectedUnits: null, actualUnits: null };
    return {
      to: "TICKET",
      found: [{ ...found, amount: null, message }],
      note: message,
      lookAgainMs: refusedLookAgainMs,
    };
  }

  async #apply(closing: PeriodClosing, step: Exclude<ClosingStep, "DONE">, outcome: StepOutcome): Promise<boolean> {
    const { database, clock } = this.#on;
    const now = clock.now();
    switch (outcome.to) {
      case "NEXT":
      case "STEP": {
        const next =
          outcome.to === "STEP" ? outcome.step : CLOSING_STEPS[CLOSING_STEPS.findIndex((one) => one === step) + 1];
        invariant(next, `there is a step after ${step}`);
        await database.transaction(async (transaction) => {
          await moveClosing(transaction, closing, { state: next, note: null, dueAt: now, now });
          if (closing.state === "HELD") await this.#setHeld(transaction, closing, false, now);
          for (const one of outcome.to === "STEP" ? (outcome.left ?? []) : [])
            await this.#leave(transaction, closing, one, now);
        });
        return true;
      }
      case "WAIT":
        // What is held stays so: a wait does not tell that the difference has gone.
        await moveClosing(database, closing, {
          state: closing.state,
          ...(closing.heldStep === null ? {} : { heldStep: closing.heldStep }),
          note: outcome.note,
          dueAt: now + outcome.forMs,
          now,
        });
        return false;
      case "TICKET":
        await this.#hold(closing, step, { ...outcome, now });
        return false;
      case "FINAL":
        await database.transaction(async (transaction) => {
          await finishStatement(transaction, outcome.statement, {
            invoice: outcome.invoice,
            now,
            acceptedReason: null,
          });
          await savePayment(transaction, outcome.statement, outcome.invoice, now);
          await moveClosing(transaction, closing, { state: "DONE", note: null, dueAt: null, now });
          await this.#settleTickets(transaction, closing, new Set(), now);
          await this.#settlePreview(transaction, closing, now);
        });
        return false;
    }
  }

  /** Leaves a finding to reconciliation, under the name that it has there. */
  async #leave(
    transaction: Transaction,
    closing: PeriodClosing,
    { part: _, ...finding }: TicketFinding,
    now: EpochMs,
  ): Promise<void> {
    if (finding.meterKey === null) return;
    const { customerId, window } = closing;
    const about = {
      customerId,
      subject: reconciledSubject(window.startAt, finding.meterKey),
      periodStartAt: window.startAt,
      statementId: null,
      stripeId: null,
      currency: await currencyOf(transaction, customerId),
      state: "TICKET" as const,
    };
    await writeDiscrepancy(transaction, { ...finding, ...about }, { now, runId: null });
  }

  /** What a reconciliation told of the same meter and period is the same difference. */
  async #takeOver(
    transaction: Transaction,
    { customerId, window }: PeriodClosing,
    { kind, meterKey }: Pick<TicketFinding, "kind" | "meterKey">,
    now: EpochMs,
  ): Promise<void> {
    if (meterKey === null) return;
    const subject = reconciledSubject(window.startAt, meterKey);
    await supersede(transaction, { customerId, kind, subject }, now);
  }

  /** The invoice itself, or its draft, was compared: what a preview of it showed before is over. */
  async #settlePreview(transaction: Transaction, { customerId, window }: PeriodClosing, now: EpochMs): Promise<void> {
    const subjectPrefix = previewSubject(window.startAt);
    await settleGone(transaction, { customerId, subjectPrefix, stillFound: new Set() }, now);
  }

  /** Opens the tickets, and settles those of this closing that are not found any more. */
  async #hold(
    closing: PeriodClosing,
    step: ClosingStep,
    of: { found: readonly TicketFinding[]; note: string; lookAgainMs: number | null; now: EpochMs },
  ): Promise<void> {
    const { now } = of;
    const { database, meters } = this.#on;
    const isWhole = of.found.some((one) => one.amount === null);
    const whole = isWhole ? await wholeAtStake(database, closing, { meters: await meters.all(), now }) : null;
    await database.transaction(async (transaction) => {
      const statement = await statementOfPeriod(transaction, {
        customerId: closing.customerId,
        kind: closing.kind,
        startAt: closing.window.startAt,
      });
      const currency = statement?.total.currency ?? (await currencyOf(transaction, closing.customerId));
      const still = new Set<string>();
      for (const { part, ...finding } of of.found) {
        const subject = subjectOf(closing, part);
        still.add(`${finding.kind} ${subject}`);
        const about = {
          customerId: closing.customerId,
          subject,
          periodStartAt: closing.window.startAt,
          statementId: statement?.id ?? null,
          stripeId: closing.stripeInvoiceId,
          currency,
          state: "TICKET" as const,
        };
        await writeDiscrepancy(
          transaction,
          { ...finding, ...about, amount: finding.amount ?? whole },
          { now, runId: null },
        );
        await this.#takeOver(transaction, closing, finding, now);
      }
      if (step === "ITEMS" || step === "COMPARE") await this.#settlePreview(transaction, closing, now);
      await this.#settleTickets(transaction, closing, still, now);
      await this.#setHeld(transaction, closing, true, now);
      const waitedMs = closing.state === "HELD" ? now - closing.stepSince : 0;
      const dueAt = of.lookAgainMs === null ? null : now + lookAgainAfter(of.lookAgainMs, waitedMs);
      await moveClosing(transaction, closing, { state: "HELD", heldStep: step, note: of.note, dueAt, now });
    });
  }

  async #setHeld(transaction: Transaction, closing: PeriodClosing, held: boolean, now: EpochMs): Promise<void> {
    const { customerId, kind, window } = closing;
    const of = { customerId, kind, startAt: window.startAt };
    await setStatementState(transaction, of, held ? "HELD" : "PREPARING");
    if (!held) await this.#settleTickets(transaction, closing, new Set(), now);
  }

  async #settleTickets(
    transaction: Transaction,
    closing: PeriodClosing,
    stillFound: ReadonlySet<string>,
    now: EpochMs,
  ): Promise<void> {
    const subjectPrefix = subjectOf(closing, "");
    await settleGone(transaction, { customerId: closing.customerId, subjectPrefix, stillFound }, now);
  }
}

/** Names a part of a closing among discrepancies. */
export function subjectOf(closing: Pick<PeriodClosing, "kind" | "window">, part: string): string {
  const what = { PERIOD_END: "period-end", START: "start", LATE: "late-credit" }[closing.kind];
  return `${what}:${new Date(closing.window.startAt).toISOString()}:${part}`;
}

/** Names a meter of a billing period among the discrepancies of reconciliation. */
function reconciledSubject(periodStartAt: EpochMs, meterKey: string): string {
  return `period:${new Date(periodStartAt).toISOString()}:${meterKey}`;
}

async function currencyOf(transaction: Transaction, customerId: string): Promise<string> {
  const [row] = await transaction.query<{ currency: string }>("SELECT currency FROM customer WHERE id = $1", [
    customerId,
  ]);
  invariant(row, `customer ${customerId} is there`);
  return row.currency;
}
