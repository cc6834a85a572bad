import { type BillingChanges, type BillingProfiles, type Meters, selectProfiles } from "../modules/catalog/index.ts";
import { ReconciliationResolver, ReconciliationService } from "../modules/reconciliation/index.ts";
import { PeriodFreezer, scheduleClosing } from "../modules/rating/index.ts";
import {
  CurrentInvoiceLinks,
  LateCreditService,
  PeriodEndService,
  StatementResolver,
  StatementService,
  StatementSettlementService,
  type StripeSide,
  watchInvoices,
  writeStatement,
} from "../modules/statements/index.ts";
import type { MeterReporting } from "../modules/stripe-reporting/index.ts";
import type { AuditLog } from "../platform/audit/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database, SessionLocks } from "../platform/database/index.ts";
import type { Nudging } from "../platform/live/index.ts";
import type { Logger } from "../platform/observability/index.ts";
import type { StripeGateway } from "../platform/stripe/index.ts";
import type { WebhookHandlers } from "../platform/stripe/webhooks/index.ts";
import { isStripeExpected, periodLinks, stripeBillingOf } from "./closing-links.ts";
import { closings } from "./closing-reconciliation.ts";

/** What closing billing periods stands on. */
export type ClosingBase = {
  database: Database;
  clock: Clock;
  logger: Logger;
  meters: Meters;
  profiles: BillingProfiles;
  billingChanges: BillingChanges;
  nudges: Nudging;
  /** Stripe's side; the gateway is null where Stripe is not configured. */
  stripe: { gateway: StripeGateway | null; handlers: WebhookHandlers; locks: SessionLocks };
  reporting: MeterReporting;
  audit: AuditLog;
};

/** The resolver classes of closing. */
export const closingResolverClasses = [StatementResolver, ReconciliationResolver] as const;

/** Without Stripe every statement is final at once. */
const withoutStripe: StripeSide = {
  billingOf: async () => null,
  isExpected: async () => false,
  begin: async () => undefined,
};

/** The parts that close billing periods. */
export function wireClosing(base: ClosingBase) {
  const freezer = new PeriodFreezer(base);
  // A change of plan moves the end of the period that is frozen next.
  base.billingChanges.addListener(async (transaction, customerId) => {
    const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
    if (profile !== undefined) await scheduleClosing(transaction, profile);
  });
  const { gateway } = base.stripe;
  const periodEnds = gateway === null ? null : wirePeriodEnds(base, gateway);
  const side: StripeSide =
    periodEnds === null
      ? withoutStripe
      : {
          billingOf: stripeBillingOf,
          isExpected: isStripeExpected,
          begin: (transaction, closing) => periodEnds.begin(transaction, closing),
        };
  freezer.addListener((transaction, frozen) => writeStatement(transaction, frozen, side));
  const statements = new StatementService(base.database);
  const lateCredits = new LateCreditService({ ...base, periodEnds });
  const settlements = new StatementSettlementService({ ...base, gateway, periodEnds });
  const invoiceLinks = new CurrentInvoiceLinks({ gateway, clock: base.clock, logger: base.logger });
  const reconciliation = new ReconciliationService({ ...base, ...base.stripe, closings });
  const { profiles, meters, database } = base;
  const resolvers: [unknown, unknown][] = [
    [
      StatementResolver,
      new StatementResolver({ statements, settlements, lateCredits, invoiceLinks, profiles, meters }),
    ],
    [ReconciliationResolver, new ReconciliationResolver({ database, reconciliation })],
  ];
  return { freezer, statements, periodEnds, reconciliation, resolvers };
}

function wirePeriodEnds(base: ClosingBase, gateway: StripeGateway): PeriodEndService {
  const { database, clock, logger, reporting, meters } = base;
  const { locks, handlers } = base.stripe;
  const periodEnds = new PeriodEndService({
    database,
    gateway,
    reporting,
    links: periodLinks,
    meters,
    locks,
    clock,
    logger,
  });
  watchInvoices(handlers, { database, gateway, links: periodLinks, periodEnds, clock });
  return periodEnds;
}

/** What the worker does besides jobs: ends of periods are worked with Stripe, and runs of reconciliation, until it is closed. */
export function startClosingWork({ periodEnds, reconciliation }: ReturnType<typeof wireClosing>): {
  close(): Promise<void>;
} {
  periodEnds?.work.start();
  reconciliation.work.start();
  return {
    async close() {
      await Promise.all([periodEnds?.work.stop(), reconciliation.stop()]);
    },
  };
}
