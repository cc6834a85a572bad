import Stripe from "stripe";
import type { RateBudget } from "./rate-budget.ts";
import type { ReadCounter } from "./read-counter.ts";

/** What every request to Stripe goes through. */
export type RequestGate = {
  calls: RateBudget;
  meterEvents: RateBudget;
  reads: ReadCounter;
  /** Told of each answer; status 0 is none. */
  observe(request: { method: string; status: number }): void;
};

const meterEventPath = /^\/v[12]\/billing\/meter_events$/;
const streamPath = "/v2/billing/meter_event_stream";

/** How long everybody waits after Stripe said that there were too many calls. */
const pauseMs = 250;

/** What carries requests to Stripe; the SDK's own is Node's. */
export type StripeHttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;
type Request = Parameters<StripeHttpClient["makeRequest"]>;

/**
 * The SDK's own HTTP client, behind the rate budgets and the count of reads, so that no call gets past them. A stream
 * call is paid for by its sender, who knows how many events it holds. `carry` may stand between it and the network.
 */
export function countingClient(
  gate: RequestGate,
  carry: (node: StripeHttpClient) => StripeHttpClient = (node) => node,
): StripeHttpClient {
  const node = carry(Stripe.createNodeHttpClient());
  return {
    getClientName: () => node.getClientName(),
    async makeRequest(...request: Request) {
      const [, , path, method] = request;
      const budget = budgetOf(gate, path);
      await budget?.take();
      if (method === "GET") gate.reads.add();
      try {
        const response = await node.makeRequest(...request);
        const status = response.getStatusCode();
        gate.observe({ method, status });
        // One customer's and meter's concurrency is no reason to hold the others.
        const reason = response.getHeaders()["stripe-rate-limited-reason"];
        if (status === 429 && typeof reason === "string" && reason.endsWith("-rate")) budget?.pause(pauseMs);
        return response;
      } catch (error) {
        gate.observe({ method, status: 0 });
        throw error;
      }
    },
  } as StripeHttpClient;
}

function budgetOf(gate: RequestGate, path: string): RateBudget | null {
  if (path === streamPath) return null;
  return meterEventPath.test(path) ? gate.meterEvents : gate.calls;
}
