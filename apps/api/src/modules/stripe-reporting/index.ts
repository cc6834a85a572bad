export { ChannelMoves } from "./channel-move.repository.ts";
export { LevelTargets } from "./level-target.read-model.ts";
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
export { ReportPlanner } from "./report-planner.ts";
export type { CustomerRoute, MeterRoute, ReportRoutes, ReportTransport } from "./report-route.ts";
