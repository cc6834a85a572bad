export { AlertDeliveryResolver, DeliveryTitleResolver } from "./delivery.resolver.ts";
export { AttemptOutcomeEnum, DeliveryAttemptType, DeliveryStateEnum, DeliveryType } from "./delivery.types.ts";
export { DeliveryQueue } from "./delivery-queue.ts";
export { DeliveryWorker, type DeliveryWorkerDependencies } from "./delivery-worker.ts";
export { WebhookEndpointResolver } from "./webhook-endpoint.resolver.ts";
export { WebhookEndpointService } from "./webhook-endpoint.service.ts";
