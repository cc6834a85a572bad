export { scheduleClosing } from "./closing-due.ts";
export { mapLateLine, mapRatedLine } from "./consumption.mapping.ts";
export { ConsumptionResolver } from "./consumption.resolver.ts";
export { ConsumptionService, type ConsumptionView } from "./consumption.service.ts";
export { LiveConsumptionResolver } from "./live-consumption.resolver.ts";
export { usageReader } from "./usage-snapshot.ts";
export { BillingPeriodType, LateLineType, TierChargeType } from "./consumption.types.ts";
export {
  type FrozenPeriod,
  type FrozenTotal,
  findFrozenPeriod,
  frozenPeriodsFrom,
  frozenTotals,
  insertLateLines,
  lateLinesBilledIn,
  lateLinesOfSource,
} from "./frozen-period.repository.ts";
export { periodUsage } from "./period-usage.read-model.ts";
export { forgetLateMarks, unbilledLateUsage } from "./late-usage.ts";
export { type FreezeListener, type FrozenNow, PeriodFreezer } from "./period-freezer.ts";
export { type StoredBill, storedBill } from "./stored-bill.ts";
