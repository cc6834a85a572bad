import type { Config } from "../config.ts";
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
import {
  AlertDeliveryResolver,
  DeliveryQueue,
  DeliveryTitleResolver,
  DeliveryWorker,
  WebhookEndpointResolver,
  WebhookEndpointService,
} from "../modules/deliveries/index.ts";
import type { LimitReader } from "../modules/limits/index.ts";
import { PastAlertService, ProjectionResolver, ProjectionService } from "../modules/projection/index.ts";
import type { ConsumptionService } from "../modules/rating/index.ts";
import type { AuditLog } from "../platform/audit/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database, SessionLocks } from "../platform/database/index.ts";
import { Mailbox, type Mailer, SmtpMailer } from "../platform/mail/index.ts";
import { SecretSeal } from "../platform/webhooks/index.ts";
import type { Nudges } from "../platform/live/index.ts";
import type { Logger } from "../platform/observability/index.ts";
import { alertLimits } from "./alert-limits.ts";

/** What alerts are made from. */
export type AlertParts = {
  config: Config;
  /** Of the settings: what signing secrets are sealed by. */
  secret: string;
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
export const alertResolverClasses = [
  AlertResolver,
  AlertRuleResolver,
  AlertDeliveryResolver,
  DeliveryTitleResolver,
  WebhookEndpointResolver,
  ProjectionResolver,
];

/** Of a webhook's answer no more is read: nobody looks at it. */
const maxAnswerBytes = 16_384;

/** Makes alerts: rules, what sees them being crossed, the alerts themselves, and their deliveries. */
export function wireAlerts(parts: AlertParts) {
  const { database, clock, profiles, meters } = parts;
  const limits = alertLimits(parts.limitReader);
  const projection = new ProjectionService(parts);
  const telling = wireDeliveries(parts);
  const onRaised = () => telling.queue.nudge();
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
    [DeliveryTitleResolver, new DeliveryTitleResolver({ database, meters })],
    [WebhookEndpointResolver, new WebhookEndpointResolver({ ...telling, profiles, database })],
    [ProjectionResolver, new ProjectionResolver({ projection, rules, profiles })],
  ];
  return {
    watch,
    evaluator,
    alerts,
    rules,
    settings,
    projection,
    ...telling,
    resolvers,
    /** For a process that works. */
    startWork() {
      evaluator.work.start();
      telling.queue.start();
      telling.deliveries.work.start();
      return {
        async close() {
          await Promise.all([evaluator.work.stop(), telling.queue.stop(), telling.deliveries.work.stop()]);
        },
      };
    },
  };
}

/** What tells people and systems of alerts. */
function wireDeliveries(parts: AlertParts) {
  const { database, clock, config } = parts;
  const { smtp, mailbox: hasMailbox, webhookTimeoutMs, webhookAllowLoopback } = config.telling;
  const mailbox = hasMailbox ? new Mailbox(database, clock) : null;
  const mailer: Mailer | null = smtp === null ? mailbox : new SmtpMailer(smtp);
  const seal = new SecretSeal(parts.secret);
  const post = { allowLoopback: webhookAllowLoopback, timeoutMs: webhookTimeoutMs, maxAnswerBytes };
  const portalUrl = `${config.http.publicUrl}/portal`;
  const deliveries = new DeliveryWorker({ ...parts, mailer, seal, post, portalUrl });
  const onQueued = () => deliveries.work.nudge();
  const queue = new DeliveryQueue({ ...parts, onQueued });
  const endpoints = new WebhookEndpointService({ ...parts, seal, allowLoopback: webhookAllowLoopback, onQueued });
  return { mailbox, deliveries, queue, endpoints };
}
