export { AlertBasisEnum, AlertChannelEnum, AlertKindEnum, AlertSeverityEnum } from "./alert-enums.ts";
export { AlertQueryService } from "./alert-query.service.ts";
export {
  type AlertPosition,
  alertsByIds,
  alertsAfter,
  alertsAfterEach,
  lastAlertSequence,
  lastAlertSequences,
} from "./alert.read-model.ts";
export { type AlertRecord, mapAlert } from "./alert.record.ts";
export { AlertResolver } from "./alert.resolver.ts";
export { AlertRuleResolver } from "./alert-rule.resolver.ts";
export { actorText, AlertRuleService, refuseViewer } from "./alert-rule.service.ts";
export { AlertRuleType } from "./alert-rule.types.ts";
export type { AlertLimitStanding, AlertLimits, CustomerAlertRules } from "./alert-rules.ts";
export { CrossingBandType, LimitAlertConnection, LimitAlertType } from "./alert.types.ts";
export type { AlertFacts, BilledPeriod, PastAlerts, PastFirings, ProjectedPeriod } from "./alert-facts.ts";
export { AlertSettingsService } from "./alert-settings.service.ts";
export { AlertEvaluator } from "./alert-evaluator.ts";
export { markEvaluations, type EvaluationMark } from "./raise-alerts.ts";
export { UsageWatch, type WatchedGroup } from "./usage-watch.ts";
export { type TellingSettings, tellingSettings } from "./alert-rule.repository.ts";
