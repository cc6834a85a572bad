import { type BillingChanges, type BillingProfiles, type Meters, selectProfiles } from "../modules/catalog/index.ts";
import { PeriodFreezer, scheduleClosing } from "../modules/rating/index.ts";
import {
  PeriodEndService,
  type PeriodReporting,
  StatementResolver,
  StatementService,
  type StripeSide,
  watchInvoices,
  writeStatement,
} from "../modules/statements/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database, SessionLocks } from "../platform/database/index.ts";
import type { Nudging } from "../platform/live/index.ts";
import type { Logger } from "../platform/observability/index.ts";
import type { StripeGateway } from "../platform/stripe/index.ts";
import type { WebhookHandlers } from "../platform/stripe/webhooks/index.ts";
import { periodLinks, stripeBillingOf } from "./closing-links.ts";

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
  reporting: PeriodReporting;
};

/** The resolver classes of closing. */
export const closingResolverClasses = [StatementResolver];

/** Without Stripe every statement is final at once. */
const withoutStripe: StripeSide = { billingOf: async () => null, begin: async () => undefined };

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
      : { billingOf: stripeBillingOf, begin: (transaction, closing) => periodEnds.begin(transaction, closing) };
  freezer.addListener((transaction, frozen) => writeStatement(transaction, frozen, side));
  const statements = new StatementService(base.database);
  const resolvers: [unknown, unknown][] = [
    [StatementResolver, new StatementResolver({ statements, profiles: base.profiles, meters: base.meters })],
  ];
  return { freezer, statements, periodEnds, resolvers };
}

function wirePeriodEnds(base: ClosingBase, gateway: StripeGateway): PeriodEndService {
  const { database, clock, logger, reporting } = base;
  const { locks, handlers } = base.stripe;
  const periodEnds = new PeriodEndService({
    database,
    gateway,
    reporting,
    links: periodLinks,
    locks,
    clock,
    logger,
  });
  watchInvoices(handlers, { database, gateway, links: periodLinks, periodEnds, clock });
  return periodEnds;
}

/** What the worker does besides jobs: ends of periods are worked with Stripe until it is closed. */
export function startPeriodEnds({ periodEnds }: ReturnType<typeof wireClosing>): { close(): Promise<void> } {
  periodEnds?.work.start();
  return { close: async () => periodEnds?.work.stop() };
}
