import {
  type AttemptOutcome,
  type EpochMs,
  reportIdentifier,
  reportValue,
  wholeUnits,
  formatDecimal,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import { classifyStripeError, type StripeFailure, type StripeGateway } from "../../platform/stripe/index.ts";
import type { MeterReport } from "./meter-report.record.ts";
import type { CustomerRoute, MeterRoute } from "./report-route.ts";

/** A report with everything that is needed to tell it. */
export type RoutedReport = { report: MeterReport; meter: MeterRoute; customer: CustomerRoute };

/** How a call ended, with what Stripe said when it failed. */
export type CallEnd = { outcome: AttemptOutcome; failure: StripeFailure | null };

const done: CallEnd = { outcome: { kind: "DONE" }, failure: null };
/** Sessions live 15 minutes; one is given up a minute before. */
const sessionReserveMs = 60_000;
/** Our clock may be ahead of Stripe's: what is too far in its future is not in a minute. */
const aheadRetryMs = 60_000;

/** The calls by which reports are told. Knows nothing of states: it says how each call ended. */
export class ReportTransport {
  readonly #gateway: StripeGateway;
  readonly #clock: Clock;
  #session: { token: string; expiresAt: EpochMs } | null = null;
  #opening: Promise<string> | null = null;

  constructor(gateway: StripeGateway, clock: Clock) {
    this.#gateway = gateway;
    this.#clock = clock;
  }

  /** Tells one report by a call of its own. */
  async tell(routed: RoutedReport): Promise<CallEnd> {
    try {
      await this.#call(routed);
      return done;
    } catch (error) {
      return endOf(classifyStripeError(error));
    }
  }

  /**
   * Tells up to 100 reports by one call. The end is that of the call, and the same for all: what is wrong with one of them
   * comes later, in an error report.
   */
  async tellStream(batch: readonly RoutedReport[]): Promise<CallEnd> {
    const events = batch.map((routed) => ({
      ...eventOf(routed),
      timestamp: new Date(routed.report.eventAt).toISOString(),
    }));
    // An expired session took nothing, so the same call is made once more under a new one.
    for (const isLast of [false, true]) {
      try {
        await this.#gateway.sendStream(await this.#token(), events);
        return done;
      } catch (error) {
        const failure = classifyStripeError(error);
        const isExpired = failure.code === "billing_meter_event_session_expired";
        if (isExpired) this.#session = null;
        if (isLast || !isExpired) return endOf(failure);
      }
    }
    return done;
  }

  async #call(routed: RoutedReport): Promise<void> {
    const { report, meter, customer } = routed;
    const { stripe } = this.#gateway;
    const idempotencyKey = idempotencyKeyOf(report);
    if (report.kind === "CANCEL") {
      const identifier = reportIdentifier({ ...report, sequence: report.correctsSequence ?? 0 });
      await stripe.billing.meterEventAdjustments.create(
        { event_name: meter.eventName, type: "cancel", cancel: { identifier } },
        { idempotencyKey },
      );
      return;
    }
    if (report.transport === "USAGE_RECORDS") {
      const item = customer.recordItem(meter.meterKey, report.eventAt);
      if (item === null) throw new NoRecordItem();
      await this.#gateway.legacy(
        "POST",
        `/v1/subscription_items/${item}/usage_records`,
        recordOf(report),
        idempotencyKey,
      );
      return;
    }
    const event = eventOf(routed);
    if (report.transport === "V2") {
      const timestamp = new Date(report.eventAt).toISOString();
      await stripe.v2.billing.meterEvents.create({ ...event, timestamp }, { idempotencyKey });
      return;
    }
    await stripe.billing.meterEvents.create({ ...event, timestamp: report.eventAt / 1000 }, { idempotencyKey });
  }

  /** The session's token; a new one where there is none, or where it is about to end. */
  #token(): Promise<string> {
    if (this.#session !== null && this.#clock.now() < this.#session.expiresAt - sessionReserveMs) {
      return Promise.resolve(this.#session.token);
    }
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(): Promise<string> {
    const session = await this.#gateway.stripe.v2.billing.meterEventSession.create();
    this.#session = { token: session.authentication_token, expiresAt: Date.parse(session.expires_at) };
    return this.#session.token;
  }
}

/** A customer has no item with usage records at that time; thrown where a call would be made. */
export class NoRecordItem extends Error {}

function eventOf({ report, meter, customer }: RoutedReport) {
  return {
    event_name: meter.eventName,
    identifier: reportIdentifier(report),
    payload: { [meter.customerKey]: customer.stripeCustomerId, [meter.valueKey]: reportValue(report) },
  };
}

/**
 * The record of a period is one, at its first whole second, and is set to the period's total: whatever is repeated or comes
 * late, the latest total stands.
 */
function recordOf(report: MeterReport) {
  const isSet = report.mode === "VALUE";
  return {
    quantity: formatDecimal(wholeUnits(isSet ? report.totalAfter : report.delta)),
    timestamp: isSet ? Math.ceil(report.periodStartAt / 1000) : report.eventAt / 1000,
    action: isSet ? "set" : "increment",
  };
}

/** The same for every repetition, but another after an answer of 5xx, which Stripe would repeat under the same one. */
export function idempotencyKeyOf(report: MeterReport): string {
  const identifier = reportIdentifier(report);
  return report.keyGeneration === 0 ? identifier : `${identifier}-${report.keyGeneration}`;
}

/** Whether a failure is an answer that Stripe repeats under the same idempotency key. */
export function isKeptAnswer(failure: StripeFailure): boolean {
  return failure.kind === "AMBIGUOUS" && /^(http_5|api_error)/.test(failure.code);
}

function endOf(failure: StripeFailure): CallEnd {
  const { kind, retryAfterMs } = failure;
  // Published nowhere; worded as the refusal of the past ("in past") is, or better, and the code of the asynchronous check.
  if (kind === "PERMANENT" && /timestamp_in_future|in (?:the )?future/.test(`${failure.code} ${failure.message}`)) {
    return { outcome: { kind: "RETRYABLE", retryAfterMs: aheadRetryMs }, failure };
  }
  if (kind === "RETRYABLE" || kind === "AMBIGUOUS") return { outcome: { kind, retryAfterMs }, failure };
  return { outcome: { kind }, failure };
}
