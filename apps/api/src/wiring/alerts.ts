import {
  AlertEvaluator,
  AlertQueryService,
  AlertResolver,
  AlertRuleResolver,
  AlertRuleService,
  AlertSettingsService,
  markEvaluations,
  UsageWatch,
} from "../modules/alerts/index.ts";
import type { BillingChanges, BillingProfiles, Meters } from "../modules/catalog/index.ts";
import { AlertDeliveryResolver } from "../modules/deliveries/index.ts";
import type { LimitReader } from "../modules/limits/index.ts";
import { PastAlertService, ProjectionResolver, ProjectionService } from "../modules/projection/index.ts";
import type { ConsumptionService } from "../modules/rating/index.ts";
import type { AuditLog } from "../platform/audit/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database, SessionLocks } from "../platform/database/index.ts";
import type { Nudges } from "../platform/live/index.ts";
import type { Logger } from "../platform/observability/index.ts";
import { alertLimits } from "./alert-limits.ts";

/** What alerts are made from. */
export type AlertParts = {
  database: Database;
  locks: SessionLocks;
  clock: Clock;
  audit: AuditLog;
  logger: Logger;
  nudges: Nudges;
  profiles: BillingProfiles;
  meters: Meters;
  limitReader: LimitReader;
  consumption: ConsumptionService;
  billingChanges: BillingChanges;
};

/** The resolver classes of alerts, their deliveries, and projections. */
export const alertResolverClasses = [AlertResolver, AlertRuleResolver, AlertDeliveryResolver, ProjectionResolver];

/** Makes alerts: rules, what sees them being crossed, the alerts themselves, and their deliveries. */
export function wireAlerts(parts: AlertParts) {
  const { database, clock, profiles, meters } = parts;
  const limits = alertLimits(parts.limitReader);
  const projection = new ProjectionService(parts);
  const onRaised = () => undefined;
  const watch = new UsageWatch({ ...parts, limits, onRaised });
  const evaluator = new AlertEvaluator({ ...parts, limits, facts: projection, onRaised });
  const alerts = new AlertQueryService({ database, meters });
  const past = new PastAlertService(parts);
  const onChanged = (customerId: string) => watch.forget(customerId);
  const rules = new AlertRuleService({ ...parts, limits, past, onChanged });
  const settings = new AlertSettingsService({ ...parts, onChanged });
  parts.billingChanges.addListener((transaction, customerId) =>
    markEvaluations(transaction, [{ customerId, dueAt: clock.now() }]),
  );
  const resolvers: [unknown, unknown][] = [
    [AlertResolver, new AlertResolver({ alerts, profiles })],
    [AlertRuleResolver, new AlertRuleResolver({ rules, settings, profiles })],
    [AlertDeliveryResolver, new AlertDeliveryResolver({ database })],
    [ProjectionResolver, new ProjectionResolver({ projection, rules, profiles })],
  ];
  return {
    watch,
    evaluator,
    alerts,
    rules,
    settings,
    projection,
    resolvers,
    /** For a process that works. */
    startWork() {
      evaluator.work.start();
      return { close: () => evaluator.work.stop() };
    },
  };
}
