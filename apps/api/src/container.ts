import type { Pool } from "pg";
import type { Config } from "./config.ts";
import {
  BillingChanges,
  BillingProfiles,
  CatalogResolver,
  CatalogService,
  CustomerSubscriptionResolver,
  Meters,
  SubscriptionResolver,
  SubscriptionService,
} from "./modules/catalog/index.ts";
import {
  CustomerEntity,
  CustomerResolver,
  CustomerService,
  MemberEntity,
  MemberService,
  MemberResolver,
  ViewerCustomerResolver,
  ViewerRoleResolver,
} from "./modules/customers/index.ts";
import { IngestionResolver, IngestionService, VoidUsageService } from "./modules/ingestion/index.ts";
import { HoldResolver } from "./modules/holds/index.ts";
import { forgetCounters, LimitResolver } from "./modules/limits/index.ts";
import { ConsumptionResolver, ConsumptionService } from "./modules/rating/index.ts";
import type { SenderSettings } from "./modules/stripe-reporting/index.ts";
import { rebuildPeriodTotals, UsageQueryService, UsageResolver } from "./modules/usage/index.ts";
import { AuditLog } from "./platform/audit/index.ts";
import {
  ApiKeyEntity,
  ApiKeyResolver,
  ApiKeyService,
  Authenticator,
  createSignIn,
  ViewerResolver,
} from "./platform/auth/index.ts";
import type { Clock } from "./platform/clock.ts";
import { createDataSource, Database, surviveBrokenConnections } from "./platform/database/index.ts";
import { Nudges } from "./platform/live/index.ts";
import type { StripeSurroundings } from "./platform/stripe/index.ts";
import { createLogger, createMetrics, type Logger, watchPool } from "./platform/observability/index.ts";
import { wireHolds, wireLimits } from "./wiring/limits.ts";
import { alertResolverClasses, wireAlerts } from "./wiring/alerts.ts";
import { closingResolverClasses, wireClosing } from "./wiring/closing.ts";
import { liveResolverClasses, wireLive } from "./wiring/live.ts";
import { reportingResolverClasses, wireReporting } from "./wiring/reporting.ts";
import { clockOf, stripeResolverClasses, wireStripe } from "./wiring/stripe.ts";

/** Every resolver class; the schema is made from these. */
export const resolverClasses = [
  ViewerResolver,
  ApiKeyResolver,
  CustomerResolver,
  MemberResolver,
  ViewerCustomerResolver,
  ViewerRoleResolver,
  CatalogResolver,
  SubscriptionResolver,
  CustomerSubscriptionResolver,
  UsageResolver,
  LimitResolver,
  HoldResolver,
  IngestionResolver,
  ConsumptionResolver,
  ...closingResolverClasses,
  ...alertResolverClasses,
  ...liveResolverClasses,
  ...stripeResolverClasses,
  ...reportingResolverClasses,
];

/** The parts of a running process, made by hand, each from those above it. */
export type Container = Awaited<ReturnType<typeof createContainer>>;

/** What a test may put in place of the real thing. */
export type ContainerOverrides = {
  clock?: Clock;
  logger?: Logger;
  stripe?: StripeSurroundings & { sender?: Partial<SenderSettings> };
};

/** Connects to the (migrated) database and makes every part. `authSecret` signs the session cookies. */
export async function createContainer(config: Config, authSecret: string, overrides: ContainerOverrides = {}) {
  const logger = overrides.logger ?? createLogger(config.logLevel);
  const clock = overrides.clock ?? (await clockOf(config, logger));
  const metrics = createMetrics();
  const dataSource = await createDataSource(config.database, [ApiKeyEntity, CustomerEntity, MemberEntity], (error) =>
    logger.warn({ err: error }, "a database connection broke"),
  ).initialize();
  const database = new Database(dataSource);
  surviveBrokenConnections(database.pool, (error) => logger.warn({ err: error }, "a database connection broke"));
  watchPool(metrics, database.pool);

  const audit = new AuditLog(clock);
  const apiKeys = new ApiKeyService({ database, clock, audit, logger, cacheMs: config.auth.apiKeyCacheMs });
  const signIn = signInFor(config, authSecret, database.pool, logger);
  const authenticator = new Authenticator({ apiKeys, ...signIn, database });

  const nudges = new Nudges({ sql: database.aside, logger });
  const profiles = new BillingProfiles(database, nudges);
  const meters = new Meters(database);
  const customers = new CustomerService({ database, clock, audit, profiles });
  const members = new MemberService({ database, clock, audit, signIn: signIn.portal });
  const billingChanges = new BillingChanges({ database, profiles });
  billingChanges.addListener(rebuildPeriodTotals);
  const catalog = new CatalogService({ database, clock, audit, meters });
  const subscriptions = new SubscriptionService({ database, clock, audit, changes: billingChanges });

  const limitsFrom = { database, clock, audit, meters, profiles, billingChanges, nudges, secret: authSecret };
  const limiting = wireLimits(limitsFrom);
  customers.onTimeZoneChange(forgetCounters);
  const usage = new UsageQueryService(database, clock, meters);
  const voids = new VoidUsageService(database, clock, nudges, limiting.ports, meters);
  const consumption = new ConsumptionService(database, clock, meters, limiting.reader);

  const stripeBase = { config, clock, logger, metrics, database, audit, meters };
  const { sender, ...surroundings } = overrides.stripe ?? {};
  const stripe = wireStripe({ ...stripeBase, billingChanges, subscriptions, surroundings });
  const base = { database, locks: stripe.locks, clock, audit, logger, nudges, profiles, meters, billingChanges };
  const told = { config, secret: authSecret, limitReader: limiting.reader, consumption };
  const alerting = wireAlerts({ ...base, ...told });
  const recording = { limits: limiting.ports, leases: limiting.leases, watch: alerting.watch };
  const ingestion = new IngestionService({ database, clock, profiles, meters, nudges, ...recording });
  const holding = wireHolds({ ...limitsFrom, ingestion, limiting });
  const reporting = wireReporting({ ...stripeBase, billingChanges, ...stripe, sender });
  const closing = wireClosing({
    database,
    clock,
    logger,
    meters,
    profiles,
    billingChanges,
    nudges,
    stripe,
    ...reporting,
    audit,
  });
  const live = wireLive({ config, database, clock, logger, nudges, profiles, customers, consumption });

  const resolvers = new Map<unknown, unknown>([
    [ViewerResolver, new ViewerResolver()],
    [ApiKeyResolver, new ApiKeyResolver(apiKeys)],
    [CustomerResolver, new CustomerResolver({ customers })],
    [ViewerCustomerResolver, new ViewerCustomerResolver({ customers })],
    [MemberResolver, new MemberResolver({ members })],
    [ViewerRoleResolver, new ViewerRoleResolver({ members })],
    [CatalogResolver, new CatalogResolver({ catalog, meters })],
    [SubscriptionResolver, new SubscriptionResolver({ subscriptions })],
    [CustomerSubscriptionResolver, new CustomerSubscriptionResolver({ database, clock })],
    [UsageResolver, new UsageResolver({ usage, profiles, meters })],
    [IngestionResolver, new IngestionResolver({ ingestion, voids, meters, limits: limiting.reader })],
    [ConsumptionResolver, new ConsumptionResolver({ consumption, customers, profiles, clock })],
    ...limiting.resolvers,
    ...holding.resolvers,
    ...closing.resolvers,
    ...alerting.resolvers,
    ...live.resolvers,
    ...stripe.resolvers,
    ...reporting.resolvers,
  ]);
  return {
    config,
    clock,
    logger,
    metrics,
    database,
    signIn,
    authenticator,
    resolvers,
    apiKeys,
    customers,
    members,
    catalog,
    meters,
    profiles,
    subscriptions,
    usage,
    limiting,
    holding,
    ingestion,
    voids,
    consumption,
    closing,
    alerting,
    stripe,
    reporting,
    nudges,
    live,
    async close() {
      await live.stop();
      await stripe.close();
      await nudges.close();
      await database.close();
    },
  };
}

function signInFor(config: Config, secret: string, pool: Pool, logger: Logger) {
  const settings = { pool, secret, publicUrl: config.http.publicUrl, logger };
  return {
    portal: createSignIn({ ...settings, audience: "portal" }),
    admin: createSignIn({ ...settings, audience: "admin" }),
  };
}
