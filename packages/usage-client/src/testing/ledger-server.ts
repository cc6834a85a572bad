import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to one request. The work is done unless the name says otherwise. */
export type Fault =
  | "NONE"
  | "DROP_BEFORE"
  | "DROP_AFTER"
  | "HANG_AFTER"
  | "HTTP_500"
  | "HTTP_502_AFTER"
  | "HTTP_429"
  | "UNAVAILABLE"
  | "UNAUTHENTICATED"
  | "FORBIDDEN";

/** One event as the server keeps it. */
export type LedgerEvent = {
  readonly customer: string;
  readonly meterKey: string;
  readonly quantity: string;
  readonly occurredAt: string;
  readonly idempotencyKey: string;
  readonly properties?: Record<string, unknown>;
};

export type LedgerServerOptions = {
  /** Asked once per request, in the order of arrival. */
  readonly faultOf?: (request: { readonly number: number; readonly operation: string }) => Fault;
  readonly scopes?: readonly string[];
  /** Refuse usage of customers that were not created. */
  readonly knowsOnlyCreated?: boolean;
  /** Most events in one request; more are answered with PAYLOAD_TOO_LARGE. */
  readonly maxBatch?: number;
};

type Variables = { readonly input?: unknown; readonly key?: string; readonly externalId?: string };
type UsageInput = Omit<LedgerEvent, "customer"> & { customerId?: string; externalCustomerId?: string };

/** A real HTTP server that keeps usage as strictly as the API: a key counts once per customer, other content is refused. */
export class LedgerServer {
  readonly ledger = new Map<string, LedgerEvent>();
  readonly customers = new Map<string, { readonly content: string; plan: string | null }>();
  /** Bodies of the usage requests, in the order of arrival. */
  readonly usageBodies: string[] = [];
  requests = 0;
  options: LedgerServerOptions;
  #server: Server | null = null;
  #port = 0;

  constructor(options: LedgerServerOptions = {}) {
    this.options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get quantities(): string[] {
    return [...this.ledger.values()].map((event) => event.quantity);
  }

  /** Listens; again on the same port after `stop`. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Refuses connections from here on, as a process that was killed. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The client left in the middle of its request.
      return;
    }
    const body = Buffer.concat(chunks).toString();
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Variables };
    const operation = /^\s*(?:query|mutation) (\w+)/.exec(query)?.[1] ?? "";
    this.requests += 1;
    if (operation === "RecordUsage") this.usageBodies.push(body);
    const fault = this.options.faultOf?.({ number: this.requests, operation }) ?? "NONE";
    if (fault === "DROP_BEFORE") return void response.destroy();
    if (fault === "HTTP_500") return void response.writeHead(500).end("Internal Server Error");
    if (fault === "HTTP_429") return void response.writeHead(429).end();
    if (fault === "UNAVAILABLE" || fault === "UNAUTHENTICATED" || fault === "FORBIDDEN") {
      return void sendError(response, fault);
    }
    const data = this.#work(operation, variables ?? {});
    if (fault === "DROP_AFTER") return void response.destroy();
    if (fault === "HANG_AFTER") return;
    if (fault === "HTTP_502_AFTER") return void response.writeHead(502).end("<html>Bad Gateway</html>");
    if (typeof data === "string") return void sendError(response, data);
    send(response, { data });
  }

  /** The answer's data, or the code of an error. */
  #work(operation: string, variables: Variables): Record<string, unknown> | string {
    switch (operation) {
      case "RecordUsage":
        return this.#recordUsage(variables.input as UsageInput[]);
      case "Viewer":
        return { viewer: { kind: "API_KEY", name: "Test key", scopes: this.options.scopes ?? ALL_SCOPES } };
      case "Meters":
        return { meters: [{ key: "api_requests" }, { key: "units_ordered" }] };
      case "Plans":
        return { plans: [{ key: "starter", latest: { currency: "EUR" } }] };
      case "CreateCustomer":
        return this.#createCustomer(variables.input as { externalId: string });
      case "FindCustomer":
        return { customer: this.customers.has(variables.externalId ?? "") ? { id: variables.externalId } : null };
      case "CreateSubscription":
        return this.#createSubscription(variables.input as { externalCustomerId: string; planKey: string });
      case "EventOfKey": {
        const found = [...this.ledger.values()].filter((event) => event.idempotencyKey === variables.key);
        return { usageEvents: { nodes: found.map(({ occurredAt }) => ({ occurredAt })) } };
      }
      default:
        return "GRAPHQL_VALIDATION_FAILED";
    }
  }

  #recordUsage(inputs: readonly UsageInput[]): Record<string, unknown> | string {
    if (inputs.length > (this.options.maxBatch ?? 1_000)) return "PAYLOAD_TOO_LARGE";
    return { recordUsageBatch: { results: inputs.map((input) => this.#recordOne(input)) } };
  }

  #recordOne({ customerId, externalCustomerId, ...rest }: UsageInput): Record<string, unknown> {
    const customer = customerId ?? externalCustomerId ?? "";
    if (this.options.knowsOnlyCreated === true && !this.customers.get(customer)?.plan)
      return rejection("UNKNOWN_CUSTOMER");
    if (rest.meterKey === "no_such_meter") return rejection("UNKNOWN_METER");
    const event: LedgerEvent = { customer, ...rest };
    const id = `${customer}\n${event.idempotencyKey}`;
    const known = this.ledger.get(id);
    if (known === undefined) {
      this.ledger.set(id, event);
      return { outcome: "RECORDED" };
    }
    return JSON.stringify(known) === JSON.stringify(event)
      ? { outcome: "DUPLICATE" }
      : rejection("IDEMPOTENCY_CONFLICT");
  }

  #createCustomer(input: { externalId: string }): Record<string, unknown> | string {
    const content = JSON.stringify(input);
    const known = this.customers.get(input.externalId);
    if (known !== undefined && known.content !== content) return "CONFLICT";
    this.customers.set(input.externalId, known ?? { content, plan: null });
    return { createCustomer: { id: input.externalId } };
  }

  #createSubscription(input: { externalCustomerId: string }): Record<string, unknown> | string {
    const customer = this.customers.get(input.externalCustomerId);
    if (customer === undefined) return "NOT_FOUND";
    const plan = JSON.stringify(input);
    if (customer.plan !== null && customer.plan !== plan) return "CONFLICT";
    customer.plan = plan;
    return { createSubscription: { id: "s" } };
  }
}

const ALL_SCOPES = ["USAGE_WRITE", "USAGE_BACKFILL", "USAGE_READ", "CATALOG_WRITE", "CUSTOMERS_WRITE"];

function rejection(code: string): Record<string, unknown> {
  return { outcome: "REJECTED", rejection: { code, message: `${code} in a test`, field: null } };
}

function sendError(response: ServerResponse, code: string): void {
  const status = code === "UNAUTHENTICATED" ? 401 : 200;
  send(response, { data: null, errors: [{ message: `${code} in a test`, extensions: { code } }] }, status);
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
