import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkWebhook } from "../../platform/stripe/webhooks/webhook-check.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { Trace } from "./trace.ts";

/**
 * Where Stripe's webhooks come in: real HTTP from the sandbox, handed to our process as its route does. A process that
 * dies over one leaves it unanswered, and Stripe sends it again.
 */
export class WebhookPost {
  readonly #server: Server;
  readonly #time: SimulatedTime;
  readonly #trace: Trace;
  #process: SimulatedProcess | null = null;
  #deafUntil = 0;
  #lastType = "";

  constructor(parts: { time: SimulatedTime; trace: Trace }) {
    this.#time = parts.time;
    this.#trace = parts.trace;
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch(() => request.socket.destroy());
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** From now on deliveries go to this process. */
  connect(process: SimulatedProcess): void {
    this.#process = process;
  }

  /** Nothing arrives until so much time has passed. */
  deaf(ms: number): void {
    this.#trace.say(`no webhook arrives for ${ms / 60_000} minutes`);
    this.#deafUntil = this.#time.stripes.now() + ms;
  }

  calm(): void {
    this.#deafUntil = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.#lastType = (JSON.parse(body.toString("utf8")) as { type: string }).type;
    if (this.#process === null || this.#time.stripes.now() < this.#deafUntil) {
      this.#trace.say(`webhook ${this.#lastType}: not delivered`);
      request.socket.destroy();
      return;
    }
    const signature = String(request.headers["stripe-signature"]);
    const done = await this.#process.step(async ({ stripe, clock }) => {
      const { gateway, inbox } = stripe;
      if (gateway === null || inbox === null) throw new Error("Stripe is configured");
      const checked = checkWebhook(gateway.stripe, gateway.settings, { body, signature, now: clock.now() });
      if (!checked.ok) return checked.refusal;
      await inbox.store(checked.event);
      return "stored";
    });
    this.#trace.say(`webhook ${this.#lastType}: ${done.died === null ? done.answer : done.died.message}`);
    if (done.died !== null) request.socket.destroy();
    else response.writeHead(done.answer === "stored" ? 200 : 400).end();
  }
}
