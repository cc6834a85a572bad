export { AlertDeliveryResolver } from "./delivery.resolver.ts";
export { AttemptOutcomeEnum, DeliveryAttemptType, DeliveryStateEnum, DeliveryType } from "./delivery.types.ts";
