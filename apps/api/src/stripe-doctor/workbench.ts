import { classifyStripeError, type Stripe, type StripeGateway } from "../platform/stripe/index.ts";
import type { Reply } from "./finding.ts";

/** What the checks work on: a meter, a customer with usage of 1.5 units, and two prices on it. Cleared away at the end. */
export type Workbench = {
  gateway: StripeGateway;
  meter: Stripe.Billing.Meter;
  customer: string;
  /** Seconds since 1970, on a whole minute, from which the usage counts. */
  startS: number;
  /** How long a check waits for what Stripe does by itself. */
  patienceMs: number;
  now(): number;
  wait(ms: number): Promise<void>;
  /** Registers what is done at the end, last first. */
  later(work: () => Promise<unknown>): void;
};

/** The name of the doctor's own meter, which stays in the account, deactivated: meters cannot be deleted. */
export const doctorEventName = "meterline_doctor";

const pollMs = 1_000;

/** Makes a call and says how it was answered. */
export async function replyOf(call: Promise<unknown>): Promise<Reply> {
  try {
    await call;
    return { taken: true, text: "taken" };
  } catch (error) {
    const { code, message } = classifyStripeError(error);
    const { statusCode } = error as { statusCode?: number };
    return { taken: false, text: `HTTP ${statusCode ?? "none"}, ${code}: ${message}` };
  }
}

/** Sends an event of the doctor's meter. */
export function sendEvent(
  { gateway, customer, meter, now }: Workbench,
  event: { identifier: string; value?: string; customer?: string; timestamp?: number; eventName?: string },
): Promise<Stripe.Billing.MeterEvent> {
  const { identifier, value = "1", timestamp = Math.floor(now() / 1_000) } = event;
  return gateway.stripe.billing.meterEvents.create({
    event_name: event.eventName ?? meter.event_name,
    identifier,
    timestamp,
    payload: { stripe_customer_id: event.customer ?? customer, value },
  });
}

/** Asks until there is an answer; null when the doctor's patience is over. Answers how long it took as well. */
export async function waitFor<T>(
  { patienceMs, now, wait }: Workbench,
  ask: () => Promise<T | null>,
): Promise<{ answer: T; afterMs: number } | null> {
  const begunAt = now();
  for (;;) {
    const answer = await ask();
    const afterMs = now() - begunAt;
    if (answer !== null) return { answer, afterMs };
    if (afterMs >= patienceMs) return null;
    await wait(pollMs);
  }
}

/** What Stripe has counted of the customer since the start; null for nothing yet. */
export async function countedValue({ gateway, meter, customer, startS, now }: Workbench): Promise<number | null> {
  const endS = (Math.floor(now() / 60_000) + 1) * 60;
  const page = await gateway.stripe.billing.meters.listEventSummaries(meter.id, {
    customer,
    start_time: startS,
    end_time: endS,
  });
  return page.data[0]?.aggregated_value ?? null;
}
