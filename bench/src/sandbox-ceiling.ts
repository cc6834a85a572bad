import { createRequire } from "node:module";
import type autocannonType from "autocannon";
import { type ReportingStack, stripeKey } from "./reporting-stack.ts";

const autocannon = createRequire(import.meta.url)("autocannon") as typeof autocannonType;

/** Reports a second that the sandbox takes on this machine when nothing limits it, by the simplest client there is. */
export type Ceiling = { V1: number; STREAM: number };

const eventsACall = 100;

/** Measures both; the sandbox's rate limits must be off. */
export async function sandboxCeilings(stack: ReportingStack, seconds: number): Promise<Ceiling> {
  const timestamp = Math.floor(Date.now() / 1000);
  const customer = (number: number) => stack.stripeCustomers[number % stack.stripeCustomers.length] ?? "";
  const v1 = await callsPerSecond({
    url: `${stack.sandboxUrl}/v1/billing/meter_events`,
    connections: 20,
    seconds,
    headers: { authorization: `Bearer ${stripeKey}`, "content-type": "application/x-www-form-urlencoded" },
    body: (number) =>
      `event_name=calls&identifier=ceiling-${number}&timestamp=${timestamp}&payload[stripe_customer_id]=` +
      `${customer(number)}&payload[value]=1`,
  });
  const session = (await (
    await fetch(`${stack.sandboxUrl}/v2/billing/meter_event_session`, {
      method: "POST",
      headers: { authorization: `Bearer ${stripeKey}`, "content-type": "application/json" },
      body: "{}",
    })
  ).json()) as { authentication_token: string };
  const at = new Date(timestamp * 1000).toISOString();
  const stream = await callsPerSecond({
    url: `${stack.sandboxUrl}/v2/billing/meter_event_stream`,
    connections: 4,
    seconds,
    headers: { authorization: `Bearer ${session.authentication_token}`, "content-type": "application/json" },
    body: (number) =>
      JSON.stringify({
        events: Array.from({ length: eventsACall }, (_, index) => ({
          event_name: "calls",
          identifier: `ceiling-${number}-${index}`,
          payload: { stripe_customer_id: customer(number * eventsACall + index), value: "1" },
          timestamp: at,
        })),
      }),
  });
  return { V1: v1, STREAM: stream * eventsACall };
}

async function callsPerSecond(of: {
  url: string;
  connections: number;
  seconds: number;
  headers: Record<string, string>;
  body: (number: number) => string;
}): Promise<number> {
  let number = 0;
  const result = await autocannon({
    url: of.url,
    connections: of.connections,
    duration: of.seconds,
    headers: of.headers,
    requests: [{ method: "POST", setupRequest: (request) => ({ ...request, body: of.body(number++) }) }],
  });
  const faults = result.errors + result.non2xx;
  if (faults > 0) throw new Error(`${faults} of ${result.requests.total} calls to the sandbox failed`);
  return result.requests.total / result.duration;
}
