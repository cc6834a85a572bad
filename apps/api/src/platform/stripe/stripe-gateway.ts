import Stripe from "stripe";
import type { Clock } from "../clock.ts";
import { countingClient, type StripeHttpClient } from "./counting-client.ts";
import { RateBudget, realTimer, type Timer } from "./rate-budget.ts";
import { ReadCounter } from "./read-counter.ts";
import type { StripePlace, StripeSettings } from "./stripe-settings.ts";

/** The last version with usage records. Nothing but `legacy` uses it. */
export const legacyApiVersion = "2025-02-24.acacia";

/** An event of the meter event stream, as the SDK takes it. */
export type StreamEvent = Parameters<Stripe["v2"]["billing"]["meterEventStream"]["create"]>[0]["events"][number];

/** Usage is told in long runs at the full rate, where each hold-up of this process would cost tokens. */
const usageBurstMs = 300;

/** What a simulation puts in place of real time and the bare network. */
export type StripeSurroundings = { timer?: Timer; carry?: (node: StripeHttpClient) => StripeHttpClient };

/** What the gateway tells of its calls. */
export type StripeObserver = (request: { method: string; status: number }) => void;

/**
 * The one door to Stripe. Calls wait for the rate budget, GETs are counted, nothing is retried here: whoever calls owns
 * the idempotency key and decides by `classifyStripeError`. (The SDK itself repeats a call once whose connection was
 * closed under it; with the same idempotency key.)
 */
export class StripeGateway {
  readonly stripe: Stripe;
  readonly place: StripePlace;
  readonly settings: StripeSettings;
  /** Meter events wait for theirs by themselves; the sender of a stream call takes as many as it holds events. */
  readonly budgets: { calls: RateBudget; meterEvents: RateBudget; streamEvents: RateBudget };
  readonly reads: ReadCounter;
  readonly #config: NonNullable<ConstructorParameters<typeof Stripe>[1]>;

  constructor(settings: StripeSettings, parts: StripeSurroundings & { clock: Clock; observe?: StripeObserver }) {
    const timer = parts.timer ?? realTimer;
    this.settings = settings;
    this.place = settings.place;
    this.reads = new ReadCounter(settings.readsPerMonth, parts.clock);
    this.budgets = {
      calls: new RateBudget(settings.callsPerSecond, timer),
      meterEvents: new RateBudget(settings.meterEventsPerSecond, timer, usageBurstMs),
      streamEvents: new RateBudget(settings.streamEventsPerSecond, timer, usageBurstMs),
    };
    const { calls, meterEvents } = this.budgets;
    const observe = parts.observe ?? (() => undefined);
    this.#config = {
      httpClient: countingClient({ calls, meterEvents, reads: this.reads, observe }, parts.carry),
      telemetry: false,
      maxNetworkRetries: 0,
      timeout: settings.timeoutMs,
      ...settings.api,
    };
    this.stripe = new Stripe(settings.apiKey, this.#config);
  }

  /**
   * A request of the API as it was before Billing Meters replaced usage records. For a GET the query stands in the path.
   * The answer is Stripe's JSON.
   */
  async legacy<Answer>(
    method: "GET" | "POST",
    path: string,
    params?: Record<string, unknown>,
    idempotencyKey?: string,
  ): Promise<Answer> {
    const options = { apiVersion: legacyApiVersion, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
    return (await this.stripe.rawRequest(method, path, params, options)) as Answer;
  }

  /** Sends up to 100 events by a session's token, within the budget of the stream. An answer says nothing of each. */
  async sendStream(token: string, events: StreamEvent[]): Promise<void> {
    await this.budgets.streamEvents.take(events.length);
    await this.#withToken(token).v2.billing.meterEventStream.create({ events });
  }

  /** The stream is called with the session's token as its key; the client of the latest token is kept. */
  #withToken(token: string): Stripe {
    if (this.#session?.token !== token) this.#session = { token, stripe: new Stripe(token, this.#config) };
    return this.#session.stripe;
  }

  #session: { token: string; stripe: Stripe } | undefined;
}
