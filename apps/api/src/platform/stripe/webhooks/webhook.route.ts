import type { FastifyError, FastifyInstance } from "fastify";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../observability/index.ts";
import type { StripeGateway } from "../stripe-gateway.ts";
import { checkWebhook, type WebhookRefusal } from "./webhook-check.ts";
import type { WebhookInbox } from "./webhook-inbox.ts";
import type { WebhookRefusals } from "./webhook-refusals.ts";

/** Where Stripe's webhook destinations point, behind the public address. */
export const webhookPath = "/stripe/webhooks";

/** What the route stands on. */
export type WebhookRouteParts = {
  gateway: StripeGateway;
  inbox: WebhookInbox;
  refusals: WebhookRefusals;
  clock: Clock;
  logger: Logger;
};

/** Told to the sender, who may be anybody; staff see the reason and how often. */
const answers: Record<WebhookRefusal, { status: number; message: string }> = {
  BAD_SIGNATURE: { status: 400, message: "The signature is not Stripe's for this body." },
  TOO_OLD: { status: 400, message: "The signature's timestamp is too old." },
  TOO_LARGE: { status: 413, message: "The body is larger than an event." },
  NO_SECRET: { status: 400, message: "No secret is set for this kind of event." },
  NOT_AN_EVENT: { status: 400, message: "The body is not an event." },
};

/**
 * POST /stripe/webhooks, for both families of events. An event is stored, answered, and worked afterwards: Stripe holds an
 * invoice until `invoice.created` is answered, so nothing that takes time may come before. What cannot be stored is
 * answered 5xx, and Stripe sends it again for three days.
 */
export async function serveStripeWebhooks(server: FastifyInstance, parts: WebhookRouteParts): Promise<void> {
  const { gateway, inbox, refusals, clock, logger } = parts;
  const refuse = (reason: WebhookRefusal, address: string) => {
    refusals.add(reason, address);
    return answers[reason];
  };
  await server.register(async (scope) => {
    // The signature is over the bytes as they came.
    scope.removeAllContentTypeParsers();
    const bodyLimit = gateway.settings.webhookBodyLimitBytes;
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit }, (_request, body, done) => done(null, body));
    const fallback = scope.errorHandler;
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      if (error.code !== "FST_ERR_CTP_BODY_TOO_LARGE") return fallback(error, request, reply);
      const { status, message } = refuse("TOO_LARGE", request.ip);
      return reply.code(status).send({ error: message });
    });
    scope.post(webhookPath, { bodyLimit }, async (request, reply) => {
      const header = request.headers["stripe-signature"];
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const signature = typeof header === "string" ? header : "";
      const checked = checkWebhook(gateway.stripe, gateway.settings, { body, signature, now: clock.now() });
      if (!checked.ok) {
        const { status, message } = refuse(checked.refusal, request.ip);
        return reply.code(status).send({ error: message });
      }
      await inbox.store(checked.event);
      logger.debug({ id: checked.event.id, type: checked.event.type }, "stored a webhook");
      return { received: true };
    });
  });
}
