import { randomUUID } from "node:crypto";
import {
  type EpochMs,
  type LateLine,
  type LateRoute,
  lateRouteAfterEnd,
  nextPeriodToFreeze,
  statementLines,
  statementTotal,
} from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Transaction } from "../../platform/database/index.ts";
import { conflict, invariant, notFound } from "../../platform/graphql/index.ts";
import { type BillingProfile, type Meters, selectProfiles } from "../catalog/index.ts";
import { forgetLateMarks, insertLateLines, unbilledLateUsage } from "../rating/index.ts";
import { lockUsage } from "../usage/index.ts";
import type { PeriodEndService } from "./period-end.service.ts";
import {
  findStatement,
  insertStatement,
  latestInvoicedStatement,
  type NewStatement,
  type StatementRecord,
} from "./statement.repository.ts";
import { withModel } from "./statement-writer.ts";

/** What the service stands on; no ends of periods where Stripe is not configured. */
export type LateCreditDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  meters: Meters;
  periodEnds: PeriodEndService | null;
};

/**
 * Settles what became known of closed periods after a customer's plan ended. While a plan runs, the open period bills it;
 * afterwards nothing would. Staff decide it, because money moves that nobody expects any more.
 */
export class LateCreditService {
  readonly #on: LateCreditDependencies;

  constructor(dependencies: LateCreditDependencies) {
    this.#on = dependencies;
  }

  /**
   * Writes a statement of the late lines, below zero in all, and has Stripe make a credit note of the last invoice for it.
   * CONFLICT where an open period bills them, where there are none, and where the customer would owe more.
   */
  credit(viewer: Viewer, customerId: string): Promise<StatementRecord> {
    return this.#settle(viewer, customerId, "CREDIT_NOTE");
  }

  /**
   * Writes a statement of the late lines, above zero in all, and has Stripe make an invoice of its own of it. CONFLICT
   * where an open period bills them, where there are none, where something is to be given back, and without Stripe.
   */
  invoice(viewer: Viewer, customerId: string): Promise<StatementRecord> {
    return this.#settle(viewer, customerId, "INVOICE");
  }

  async #settle(viewer: Viewer, customerId: string, route: LateRoute): Promise<StatementRecord> {
    const { database, audit } = this.#on;
    const meters = await this.#on.meters.all();
    const id = await database.transaction(async (transaction) => {
      await lockUsage(transaction, { shared: [], exclusive: isUuid(customerId) ? [customerId] : [] });
      const profile = await requireEnded(transaction, customerId);
      const now = this.#on.clock.now();
      const late = await unbilledLateUsage(transaction, { profile, meters, now });
      const statement = this.#statementOf(profile, { lateLines: late.lines, route, now });
      await insertLateLines(transaction, { customerId, billedStartAt: now }, late.lines);
      await forgetLateMarks(transaction, customerId, late.marks);
      const invoiced = await latestInvoicedStatement(transaction, customerId);
      const onStripe = invoiced?.invoice != null && this.#on.periodEnds !== null;
      if (route === "INVOICE" && !onStripe)
        throw conflict("Stripe has never invoiced this customer; invoice the late usage by hand.", "customerId");
      await insertStatement(transaction, { ...statement, state: onStripe ? "PREPARING" : "FINAL" });
      if (onStripe && invoiced?.invoice != null) {
        await this.#on.periodEnds?.begin(transaction, {
          customerId,
          kind: "LATE",
          window: statement.window,
          subscriptionId: statement.subscriptionId,
          stripeSubscriptionId: null,
          // A credit note is one of an invoice; what is owed gets its own.
          stripeInvoiceId: route === "CREDIT_NOTE" ? invoiced.invoice.stripeInvoiceId : null,
        });
      }
      const detail = { statementId: statement.id, amountMinor: statement.total.amountMinor.toString() };
      const entry = {
        actor: actorOf(viewer),
        action: route === "INVOICE" ? "late_usage.invoice" : "late_usage.credit",
        subject: `customer:${customerId}`,
        detail,
      };
      await audit.write(transaction, entry);
      return statement.id;
    });
    const written = await findStatement(database, id);
    invariant(written, `statement ${id} is there`);
    return written;
  }

  #statementOf(
    profile: BillingProfile,
    { lateLines, route, now }: { lateLines: readonly LateLine[]; route: LateRoute; now: EpochMs },
  ): Omit<NewStatement, "state"> {
    const lines = statementLines({
      ended: null,
      feeCharged: null,
      feeAhead: null,
      ratedBy: () => "METERLINE",
      lateLines,
    });
    const total = statementTotal(lines, profile.currency);
    const last = profile.subscriptions.at(-1);
    if (lines.length === 0 || last === undefined) throw conflict("There is no late usage to settle.", "customerId");
    if (lateRouteAfterEnd(total) !== route) throw conflict(otherWay[route], "customerId");
    return {
      customerId: profile.customerId,
      id: randomUUID(),
      kind: "LATE",
      // It is about several periods; what it is about stands on its lines.
      window: { startAt: now, endAt: now },
      subscriptionId: last.id,
      total,
      issuedAt: now,
      lines: lines.map((line) => withModel(line, profile)),
    };
  }
}

const otherWay: Readonly<Record<LateRoute, string>> = {
  CREDIT_NOTE: "The customer does not get anything back; what is owed is invoiced with invoiceLateUsage.",
  INVOICE: "The customer owes nothing more; what was taken back is given back with creditLateUsage.",
};

async function requireEnded(transaction: Transaction, customerId: string): Promise<BillingProfile> {
  const ids = isUuid(customerId) ? [customerId] : [];
  const [profile] = await selectProfiles(transaction, { ids, externalIds: [] });
  if (profile === undefined) throw notFound("There is no such customer.", "customerId");
  if (nextPeriodToFreeze(profile) !== null)
    throw conflict("The customer's open period bills late usage.", "customerId");
  return profile;
}
