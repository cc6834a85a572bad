import type { Config } from "../config.ts";
import type { BillingChanges, Meters } from "../modules/catalog/index.ts";
import {
  catalogRoutes,
  ChannelMoveResolver,
  ChannelMoveService,
  ChannelMoves,
  countOutcomes,
  DeadLetterService,
  ErrorReportService,
  LevelTargets,
  MeterReportingService,
  MeterReportQueryService,
  MeterReportResolver,
  ParityService,
  recutReports,
  ReportingLeader,
  ReportingWorker,
  ReportPlanner,
  ReportQueue,
  ReportSender,
  ReportTransport,
  type SenderSettings,
  UncertainSettler,
  watchReporting,
} from "../modules/stripe-reporting/index.ts";
import type { AuditLog } from "../platform/audit/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";
import type { Logger, Metrics } from "../platform/observability/index.ts";
import type { StripeGateway } from "../platform/stripe/index.ts";
import type { WebhookHandlers } from "../platform/stripe/webhooks/index.ts";

/** What reporting to Stripe stands on. Without a gateway nothing is planned or sent, and what was stays readable. */
export type ReportingBase = {
  config: Config;
  database: Database;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  audit: AuditLog;
  meters: Meters;
  billingChanges: BillingChanges;
  gateway: StripeGateway | null;
  handlers: WebhookHandlers;
  /** Overrides of the sender's settings; for a simulation, which has no real time. */
  sender?: Partial<SenderSettings> | undefined;
};

/** How Stripe tells of events that it had accepted and then found wrong. Both are thin: what is in them is fetched. */
const errorReportTypes = ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"];

/** The resolver classes of reporting. */
export const reportingResolverClasses = [MeterReportResolver, ChannelMoveResolver] as const;

/** The ledger of meter reports, and what tells Stripe. */
export function wireReporting(base: ReportingBase) {
  const { database, clock, metrics, audit, meters, gateway } = base;
  const routes = catalogRoutes;
  const moves = new ChannelMoves();
  const planner = new ReportPlanner({ database, clock, routes, moves, levels: new LevelTargets(meters) });
  const reporting = new MeterReportingService({ database, clock, planner });
  const deadLetters = new DeadLetterService({ database, clock, audit });
  const sending = gateway === null ? null : wireSending({ ...base, gateway }, planner);
  watchReporting(metrics, {
    database,
    clock,
    held: () => sending?.sender.held ?? 0,
    isLeader: () => sending?.leader.isLeader ?? false,
  });
  base.billingChanges.addListener((transaction, customerId, terms) =>
    recutReports(transaction, customerId, terms, clock.now()),
  );
  const reports = new MeterReportQueryService({ database, clock, meters, planner, gateway });
  const moving = new ChannelMoveService({ database, clock, audit, moves, changes: base.billingChanges });
  const parity = gateway === null ? null : new ParityService({ database, clock, planner, routes, gateway });
  const nudge = () => sending?.worker.nudge();
  return {
    reporting,
    planner,
    deadLetters,
    moving,
    sending,
    resolvers: new Map<unknown, unknown>([
      [MeterReportResolver, new MeterReportResolver({ reports, deadLetters, meters, nudge })],
      [ChannelMoveResolver, new ChannelMoveResolver({ database, moves, moving, parity })],
    ]),
    /** For a process that works. */
    start: () => sending?.leader.start(),
    stop: async () => sending?.leader.stop(),
  };
}

function wireSending(base: ReportingBase & { gateway: StripeGateway }, planner: ReportPlanner) {
  const { config, database, clock, logger, metrics, gateway } = base;
  const { flushEveryMs, ...settings } = config.reporting;
  const routes = catalogRoutes;
  const queue = new ReportQueue(database);
  const sender = new ReportSender({
    database,
    clock,
    logger,
    queue,
    routes,
    transport: new ReportTransport(gateway, clock),
    observe: countOutcomes(metrics),
    settings: { ...settings, ...base.sender },
  });
  const settler = new UncertainSettler({ database, clock, logger, gateway, routes });
  const worker = new ReportingWorker({ clock, logger, planner, queue, sender, settler, flushEveryMs });
  const leader = new ReportingLeader({ databaseUrl: config.database.url, logger, work: worker });
  const errorReports = new ErrorReportService({ database, clock, gateway, routes });
  for (const type of errorReportTypes) {
    base.handlers.on(type, async (event) => {
      const { refused, replaced, uncertain } = await errorReports.take(event.id);
      worker.nudge();
      return { did: `refused ${refused} meter reports, told ${replaced} again, and put ${uncertain} in doubt` };
    });
  }
  return { queue, sender, settler, worker, leader, errorReports };
}
