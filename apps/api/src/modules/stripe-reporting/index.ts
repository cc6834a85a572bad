export { catalogRoutes } from "./catalog-routes.ts";
export { ChannelMoveResolver } from "./channel-move.resolver.ts";
export { ChannelMoveService } from "./channel-move.service.ts";
export { ChannelMoves } from "./channel-move.repository.ts";
export { type DeadLetterChoice, DeadLetterService, type ReplayOutcome } from "./dead-letter.service.ts";
export { ErrorReportService } from "./error-report.service.ts";
export { LevelTargets } from "./level-target.read-model.ts";
export { MeterReportResolver } from "./meter-report.resolver.ts";
export { MeterReportQueryService } from "./meter-report.service.ts";
export { MeterReportingService } from "./meter-reporting.ts";
export type {
  FlushStanding,
  LineTotal,
  MeterReporting,
  PlanOutcome,
  RepairOutcome,
  SettledOutcome,
  ToldTotal,
} from "./meter-reporting.types.ts";
export { ParityService } from "./parity.service.ts";
export { recordBilling } from "./record-billing.ts";
export { recutReports } from "./recut-reports.ts";
export { ReportPlanner } from "./report-planner.ts";
export { ReportQueue } from "./report-queue.repository.ts";
export type { CustomerRoute, MeterRoute, ReportRoutes, ReportTransport as TransportName } from "./report-route.ts";
export { ReportSender, type SenderSettings } from "./report-sender.ts";
export { ReportTransport } from "./report-transport.ts";
export { countOutcomes, watchReporting } from "./reporting-metrics.ts";
export { ReportingLeader } from "./reporting-leader.ts";
export { ReportingWorker } from "./reporting-worker.ts";
export { UncertainSettler } from "./uncertain-settler.ts";
