import type { FaultEffect, Sandbox } from "@meterline/stripe-sandbox";
import type { StripeHttpClient } from "../../platform/stripe/index.ts";
import { ProcessScope } from "./process-scope.ts";
import type { NetworkFault } from "./schedule.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { Trace } from "./trace.ts";

/** A request as the SDK makes it: host, port, path, method, headers, body, protocol, timeout. */
export type NetworkRequest = Parameters<StripeHttpClient["makeRequest"]>;
/** Puts another request in place of one; for tests that break the sender. */
export type NetworkRewrite = (request: NetworkRequest) => NetworkRequest;
type Request = NetworkRequest;
type Response = Awaited<ReturnType<StripeHttpClient["makeRequest"]>>;
/** What happens to a request on its way, or at Stripe. */
type Accident = NetworkFault["effect"] | "REFUSED" | "UNAVAILABLE";

const effects: Record<Exclude<Accident, "REFUSED" | "LOST_REPLY" | "LOST_REQUEST">, FaultEffect> = {
  TOO_MANY: { kind: "fail", status: 429 },
  CONFLICT: { kind: "fail", status: 409 },
  SERVER_ERROR_BEFORE: { kind: "fail", status: 500 },
  SERVER_ERROR_AFTER: { kind: "fail_after" },
  UNAVAILABLE: { kind: "fail", status: 503 },
};

/**
 * What lies between our process and Stripe: real HTTP, on which requests and replies get lost, and behind which Stripe
 * refuses and fails. One request at a time reaches Stripe, in the order in which they were made, because which of two
 * came first would else be the operating system's choice.
 */
export class StripeNetwork {
  readonly #sandbox: Sandbox;
  readonly #time: SimulatedTime;
  readonly #trace: Trace;
  /** The last request of each process: that of a dead one never ends, and nobody else waits for it. */
  readonly #last = new WeakMap<object, Promise<unknown>>();
  rewrite: NetworkRewrite | null = null;
  #fault: NetworkFault = { effect: "LOST_REPLY", requests: 0 };
  #away: { until: number; how: "REFUSED" | "FAILING" } | null = null;

  constructor(parts: { sandbox: Sandbox; time: SimulatedTime; trace: Trace }) {
    this.#sandbox = parts.sandbox;
    this.#time = parts.time;
    this.#trace = parts.trace;
  }

  /** Goes wrong for so many of the coming requests. */
  fail(fault: NetworkFault): void {
    this.#trace.say(`${fault.effect} for the next ${fault.requests} requests to Stripe`);
    this.#fault = { ...fault };
  }

  /** Stripe is away until so much time has passed: nobody answers, or everything fails. */
  outage(ms: number, how: "REFUSED" | "FAILING"): void {
    this.#trace.say(`Stripe is away for ${ms / 60_000} minutes: ${how}`);
    this.#away = { until: this.#time.stripes.now() + ms, how };
  }

  /** Nothing goes wrong any more. */
  calm(): void {
    this.#away = null;
    this.#fault = { effect: "LOST_REPLY", requests: 0 };
  }

  /** Stands between the SDK's client and the wire. */
  carry(node: StripeHttpClient): StripeHttpClient {
    return {
      getClientName: () => node.getClientName(),
      makeRequest: (...request: Request) => {
        const process = ProcessScope.current() ?? this;
        const before = this.#last.get(process) ?? Promise.resolve();
        const answer = before.then(() => this.#send(node, request));
        this.#last.set(
          process,
          answer.catch(() => undefined),
        );
        return answer;
      },
    } as StripeHttpClient;
  }

  async #send(node: StripeHttpClient, made: Request): Promise<Response> {
    const request = this.rewrite?.(made) ?? made;
    const name = nameOf(request);
    const accident = this.#strike();
    if (accident === "REFUSED") throw this.#failure(name, "ECONNREFUSED", "nobody answers");
    if (accident === "LOST_REQUEST") throw this.#failure(name, "ETIMEDOUT", "the request got lost");
    const effect = accident === null || accident === "LOST_REPLY" ? null : effects[accident];
    // Set for this one request: what staff do at Stripe meanwhile goes well.
    const rule = effect && this.#sandbox.faults.add({ effect, path: "/", method: null, rate: 1, left: 1 });
    const send = () => node.makeRequest(...request).finally(() => rule && this.#sandbox.faults.clear(rule.id));
    const scope = ProcessScope.current();
    const response = await (scope === undefined ? send() : scope.pass(name, request[3] !== "GET", send));
    const status = response.getStatusCode();
    if (accident === "LOST_REPLY") throw this.#failure(name, "ETIMEDOUT", `the reply ${status} got lost`);
    this.#trace.say(`  ${name}: ${status}`);
    return response;
  }

  #strike(): Accident | null {
    if (this.#away !== null && this.#time.stripes.now() >= this.#away.until) {
      this.#trace.say("Stripe is back");
      this.#away = null;
    }
    if (this.#away !== null) return this.#away.how === "REFUSED" ? "REFUSED" : "UNAVAILABLE";
    if (this.#fault.requests <= 0) return null;
    this.#fault.requests -= 1;
    return this.#fault.effect;
  }

  /** An error as Node has it: the SDK tells a timeout, which it does not repeat, by its code. */
  #failure(name: string, code: string, what: string): Error {
    this.#trace.say(`  ${name}: ${what}`);
    return Object.assign(new Error(what), { code });
  }
}

/** Such as `POST /v1/billing/meter_events calls 250 at 1767225600 (…_3)`. */
function nameOf([, , path, method, , data]: Request): string {
  const [bare = path] = path.split("?", 1);
  if (typeof data !== "string" || !bare.endsWith("/meter_events")) return `${method} ${path}`;
  const form = new URLSearchParams(data);
  const said = ["event_name", "payload[value]", "timestamp"].map((field) => form.get(field) ?? "").join(" ");
  return `${method} ${bare} ${said} (${form.get("identifier")?.split("_").slice(-1)})`;
}
