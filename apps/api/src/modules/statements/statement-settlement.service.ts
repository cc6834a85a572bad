import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Transaction } from "../../platform/database/index.ts";
import { badUserInput, conflict, notFound } from "../../platform/graphql/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { listDiscrepancies, readInvoice, resolveFound } from "../reconciliation/index.ts";
import {
  type ClosingStep,
  closingId,
  findClosing,
  moveClosing,
  type PeriodClosing,
} from "./period-closing.repository.ts";
import type { PeriodEndService } from "./period-end.service.ts";
import { findStatement, finishStatement, savePayment, type StatementRecord } from "./statement.repository.ts";

/** What the service stands on; no gateway and no ends of periods where Stripe is not configured. */
export type SettlementDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  gateway: StripeGateway | null;
  periodEnds: PeriodEndService | null;
};

const maxReasonLength = 1_000;
const mostTickets = 200;

/** What staff do about a statement that waits for them. */
export class StatementSettlementService {
  readonly #on: SettlementDependencies;

  constructor(dependencies: SettlementDependencies) {
    this.#on = dependencies;
  }

  /** Has the end of its period tried again, from where it was held. */
  async retry(viewer: Viewer, id: string): Promise<StatementRecord> {
    const { statement } = await this.#held(id);
    await this.#on.periodEnds?.retry(closingId(statement));
    const entry = { actor: actorOf(viewer), action: "statement.retry", subject: `statement:${id}` };
    await this.#on.database.transaction((transaction) => this.#on.audit.write(transaction, entry));
    return this.#require(id);
  }

  /**
   * Goes on in spite of what was found. Before the invoice is final: it is finalized as it is, and compared. After: the
   * statement becomes FINAL with the reason, and its tickets are settled; what the invoice says stays what is paid.
   */
  async accept(viewer: Viewer, id: string, reason: string): Promise<StatementRecord> {
    const said = reason.trim();
    if (said === "" || said.length > maxReasonLength)
      throw badUserInput(`Say why it is accepted, in at most ${maxReasonLength} characters.`, "reason");
    const { statement, closing } = await this.#held(id);
    const { database, clock, gateway, audit } = this.#on;
    const now = clock.now();
    const actor = actorOf(viewer);
    const isCompared = closing.heldStep === "COMPARE";
    const invoice =
      isCompared && gateway !== null && closing.stripeInvoiceId !== null
        ? await readInvoice(gateway, closing.stripeInvoiceId)
        : null;
    await database.transaction(async (transaction) => {
      const to = isCompared || closing.stripeInvoiceId === null ? "DONE" : afterDraft(closing.heldStep);
      const dueAt = to === "DONE" ? null : now;
      if (!(await moveClosing(transaction, closing, { state: to, note: said, dueAt, now })))
        throw conflict("The statement is not held any more.", "id");
      await this.#settleTickets(transaction, statement, { actor, reason: said });
      if (to === "DONE") {
        await finishStatement(transaction, statement, { invoice, acceptedReason: said, now });
        if (invoice !== null) await savePayment(transaction, statement, invoice, now);
      }
      const detail = { reason: said, step: closing.heldStep };
      await audit.write(transaction, { actor, action: "statement.accept", subject: `statement:${id}`, detail });
    });
    this.#on.periodEnds?.work.nudge();
    return this.#require(id);
  }

  async #settleTickets(
    transaction: Transaction,
    statement: StatementRecord,
    by: { actor: string; reason: string },
  ): Promise<void> {
    const filter = { customerId: statement.customerId, statementId: statement.id, unsettled: true };
    const tickets = await listDiscrepancies(transaction, filter, { after: null, limit: mostTickets });
    for (const ticket of tickets) await resolveFound(transaction, ticket, { ...by, now: this.#on.clock.now() });
  }

  async #require(id: string): Promise<StatementRecord> {
    const statement = isUuid(id) ? await findStatement(this.#on.database, id) : null;
    if (statement === null) throw notFound("There is no such statement.", "id");
    return statement;
  }

  async #held(id: string): Promise<{ statement: StatementRecord; closing: PeriodClosing }> {
    const statement = await this.#require(id);
    const closing = await findClosing(this.#on.database, closingId(statement));
    if (closing === null || closing.state !== "HELD" || statement.state === "FINAL")
      throw conflict("The statement is not held.", "id");
    return { statement, closing };
  }
}

/** Whoever accepts the draft itself has it finalized; whoever accepts what comes before has it made complete first. */
function afterDraft(heldStep: ClosingStep | null): ClosingStep {
  return heldStep === "ITEMS" || heldStep === "FINALIZE" ? "FINALIZE" : "ITEMS";
}
