export { ConsumptionResolver } from "./consumption.resolver.ts";
export { ConsumptionService, type ConsumptionView } from "./consumption.service.ts";
export { LiveConsumptionResolver } from "./live-consumption.resolver.ts";
export { usageReader } from "./usage-snapshot.ts";
