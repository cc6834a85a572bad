export { ConsumptionResolver } from "./consumption.resolver.ts";
export { ConsumptionService, type ConsumptionView } from "./consumption.service.ts";
