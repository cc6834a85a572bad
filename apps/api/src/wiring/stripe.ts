import type { FastifyInstance } from "fastify";
import { Counter } from "prom-client";
import { type Config, ConfigError } from "../config.ts";
import type { BillingChanges, Meters, SubscriptionService } from "../modules/catalog/index.ts";
import { onStripeCatalogEdits, StripeCatalogResolver, StripeCatalogService } from "../modules/stripe-catalog/index.ts";
import {
  onStripeCustomerEdits,
  requestSync,
  StripeCustomerResolver,
  StripeCustomerService,
  stripeEndGuard,
  StripeSync,
} from "../modules/stripe-customers/index.ts";
import { ChannelMoves, recordBilling } from "../modules/stripe-reporting/index.ts";
import type { AuditLog } from "../platform/audit/index.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { type Database, SessionLocks } from "../platform/database/index.ts";
import type { Logger, Metrics } from "../platform/observability/index.ts";
import {
  claimStripeAccount,
  claimStripePlace,
  SandboxClock,
  StripeGateway,
  type StripeSurroundings,
} from "../platform/stripe/index.ts";
import {
  EventCatchUp,
  serveStripeWebhooks,
  StripeNotices,
  WebhookHandlers,
  WebhookInbox,
  WebhookLogResolver,
  WebhookRefusals,
} from "../platform/stripe/webhooks/index.ts";

/** What the Stripe parts stand on. */
export type StripeBase = {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  database: Database;
  audit: AuditLog;
  meters: Meters;
  billingChanges: BillingChanges;
  subscriptions: SubscriptionService;
  surroundings?: StripeSurroundings | undefined;
};

/** The resolver classes of what Stripe told us. */
export const stripeResolverClasses = [WebhookLogResolver, StripeCatalogResolver, StripeCustomerResolver] as const;

/** The machine's clock; where a sandbox stands in for Stripe, the sandbox's, so that a person can move both forward. */
export async function clockOf(config: Config, logger: Logger): Promise<Clock> {
  const api = config.stripe?.place === "SANDBOX" ? config.stripe.api : null;
  if (api === null) return systemClock;
  const sandboxUrl = `${api.protocol}://${api.host}:${api.port}`;
  const clock = new SandboxClock({ sandboxUrl, machine: systemClock, logger });
  await clock.start();
  return clock;
}

/** The parts that speak to Stripe; without a key there is no gateway, and nothing is told to Stripe. */
export function wireStripe(base: StripeBase) {
  const { config, clock, logger, metrics, database, audit, meters, surroundings } = base;
  const requests = new Counter({
    name: "meterline_stripe_requests_total",
    help: "Calls to Stripe by their answer; status 0 is none.",
    labelNames: ["method", "status"],
    registers: [metrics.registry],
  });
  const observe = ({ method, status }: { method: string; status: number }) => requests.inc({ method, status });
  const gateway = config.stripe === null ? null : new StripeGateway(config.stripe, { ...surroundings, clock, observe });
  const locks = new SessionLocks(config.database.url, logger);
  const handlers = new WebhookHandlers();
  const notices = new StripeNotices(clock);
  const refusals = new WebhookRefusals({ sql: database, clock, logger });
  const inbox =
    gateway === null ? null : new WebhookInbox({ database, locks, clock, logger, handlers, place: gateway.place });
  const catchUp =
    gateway === null || inbox === null
      ? null
      : new EventCatchUp({ database, locks, clock, logger, gateway, handlers, inbox });
  const catalog = new StripeCatalogService({ database, clock, audit, meters, locks, gateway });
  const sync = gateway === null ? null : syncFor(base, { gateway, locks, handlers, notices });
  const wake = () => sync?.work.nudge();
  const customers = new StripeCustomerService({ database, clock, audit, gateway, wake });
  const { publicUrl } = config.http;
  return {
    gateway,
    catalog,
    customers,
    /** Brings customers and their subscriptions to Stripe. */
    sync,
    locks,
    /** Other parts register what they work: `handlers.on(type, handler)`. */
    handlers,
    notices,
    refusals,
    inbox,
    /** Puts what nobody sent into the inbox. */
    catchUp,
    resolvers: new Map<unknown, unknown>([
      [WebhookLogResolver, new WebhookLogResolver({ database, audit, notices, inbox })],
      [StripeCatalogResolver, new StripeCatalogResolver({ catalog })],
      [StripeCustomerResolver, new StripeCustomerResolver({ customers, database, publicUrl })],
    ]),
    async close() {
      if (clock instanceof SandboxClock) clock.close();
      await refusals.save();
      await gateway?.reads.save(database);
      await locks.close();
    },
  };
}

type Told = {
  gateway: StripeGateway;
  locks: SessionLocks;
  handlers: WebhookHandlers;
  notices: StripeNotices;
};

/** Keeps Stripe as ours, and ours as Stripe where somebody edits there. */
function syncFor(base: StripeBase, told: Told): StripeSync {
  const { database, clock, billingChanges, subscriptions } = base;
  const { gateway, handlers, notices } = told;
  onStripeCatalogEdits(handlers, { database, gateway, notices });
  onStripeCustomerEdits(handlers, { database, gateway, notices, subscriptions, clock });
  subscriptions.addEndGuard(stripeEndGuard);
  billingChanges.addListener((transaction, customerId) => requestSync(transaction, customerId, clock.now()));
  return new StripeSync({ ...base, ...told, records: recordBilling(new ChannelMoves()) });
}

/** Takes Stripe's webhooks in, where Stripe is configured. */
export async function serveStripe(
  server: FastifyInstance,
  { stripe, clock, logger }: { stripe: ReturnType<typeof wireStripe>; clock: Clock; logger: Logger },
): Promise<void> {
  const { gateway, inbox, refusals } = stripe;
  if (gateway !== null && inbox !== null)
    await serveStripeWebhooks(server, { gateway, inbox, refusals, clock, logger });
}

/** What the worker does besides jobs: stored webhooks are worked until it is closed. */
export function startStripeWork(stripe: ReturnType<typeof wireStripe>): { close(): Promise<void> } {
  const works = [stripe.inbox?.work, stripe.sync?.work];
  for (const work of [...works, stripe.catchUp]) work?.start();
  return { close: async () => void (await Promise.all([...works, stripe.catchUp].map((work) => work?.stop()))) };
}

/** Stops the start where the configured key belongs to another place or account than what this database is linked to. */
export async function requireStripePlace({
  config,
  database,
  clock,
  stripe: { gateway },
}: Pick<StripeBase, "config" | "database" | "clock"> & {
  stripe: { gateway: StripeGateway | null };
}): Promise<void> {
  if (config.stripe === null || gateway === null) return;
  const fault =
    (await claimStripePlace(database, config.stripe.place, clock.now())) ??
    (await claimStripeAccount(database, async () => (await gateway.stripe.accounts.retrieveCurrent()).id));
  if (fault !== null) throw new ConfigError([fault]);
}
