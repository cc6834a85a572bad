import type { Config } from "../config.ts";
import type { BillingProfiles } from "../modules/catalog/index.ts";
import type { CustomerService } from "../modules/customers/index.ts";
import { AlertFeeds, LiveResolver, UsageFeeds } from "../modules/live/index.ts";
import { type ConsumptionService, LiveConsumptionResolver, usageReader } from "../modules/rating/index.ts";
import type { Authenticator } from "../platform/auth/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";
import { type LiveParts, NudgeReceiver, type Nudges } from "../platform/live/index.ts";
import type { Logger, Metrics } from "../platform/observability/index.ts";

/** The resolver classes of live updates. */
export const liveResolverClasses = [LiveResolver, LiveConsumptionResolver] as const;

type Parts = {
  config: Config;
  database: Database;
  clock: Clock;
  logger: Logger;
  nudges: Nudges;
  profiles: BillingProfiles;
  customers: CustomerService;
  consumption: ConsumptionService;
};

/** Live updates: the feeds, what they hear by, and their resolvers. */
export function wireLive(parts: Parts) {
  const { config, database, clock, logger, nudges, profiles } = parts;
  const { pollEveryMs } = config.live;
  const usage = new UsageFeeds({ read: usageReader(parts), nudges, sql: database.aside, clock, logger, pollEveryMs });
  const alerts = new AlertFeeds({ nudges, database, logger, pollEveryMs });
  const receiver = new NudgeReceiver({ databaseUrl: config.database.url, nudges, logger });
  return {
    usage,
    alerts,
    resolvers: new Map<unknown, unknown>([
      [LiveResolver, new LiveResolver({ alerts, usage, profiles })],
      [LiveConsumptionResolver, new LiveConsumptionResolver()],
    ]),
    /** For a process that serves: others only nudge. */
    async start() {
      usage.start();
      alerts.start();
      await receiver.start();
    },
    async stop() {
      usage.close();
      alerts.close();
      await receiver.close();
    },
  };
}

/** What the live server needs of the parts that are there. */
export function liveParts(container: {
  config: Config;
  authenticator: Authenticator;
  database: Database;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): Omit<LiveParts, "schema"> {
  const { config, authenticator, database, clock, logger, metrics } = container;
  const { publicUrl } = config.http;
  return { authenticator, sql: database.aside, clock, logger, metrics, publicUrl, settings: config.live };
}
