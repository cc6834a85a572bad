import type { StripeWebhookEvent } from "./webhook-event.ts";

/** What a handler did, in words for staff; or why there was nothing to do. */
export type HandlerAnswer = { did: string } | { ignored: string };

/**
 * Works one event. It reads the object again, since events come twice, late and out of order; doing it twice changes
 * nothing. Throws to have it tried again later.
 */
export type WebhookHandler = (event: StripeWebhookEvent) => Promise<HandlerAnswer>;

/** Who works which types of event. Filled while the process is put together. */
export class WebhookHandlers {
  readonly #byType = new Map<string, WebhookHandler[]>();

  /** More than one may work a type; they run in the order of their registration. */
  on(type: string, handler: WebhookHandler): void {
    const known = this.#byType.get(type);
    if (known === undefined) this.#byType.set(type, [handler]);
    else known.push(handler);
  }

  /** Every type that somebody works: what the webhook destinations at Stripe must be told to send. */
  get types(): string[] {
    return [...this.#byType.keys()].toSorted();
  }

  of(type: string): readonly WebhookHandler[] {
    return this.#byType.get(type) ?? [];
  }
}
