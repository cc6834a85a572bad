export { EventCatchUp } from "./event-catch-up.ts";
export { type Notice, type NoticeKind, StripeNotices } from "./stripe-notices.ts";
export type { StripeWebhookEvent, WebhookFamily } from "./webhook-event.ts";
export { type HandlerAnswer, type WebhookHandler, WebhookHandlers } from "./webhook-handlers.ts";
export { WebhookInbox } from "./webhook-inbox.ts";
export { WebhookLogResolver } from "./webhook-log.resolver.ts";
export { WebhookRefusals } from "./webhook-refusals.ts";
export { serveStripeWebhooks, webhookPath } from "./webhook.route.ts";
