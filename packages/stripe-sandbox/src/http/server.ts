import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { API_VERSION } from "../core/world.ts";
import { ApiError } from "../wire/errors.ts";
import { type Desk, dispatch } from "./dispatch.ts";
import { authenticate, readBody } from "./request.ts";

/** Answers what is not Stripe's API (the page, the control endpoints); false leaves the request to the API. */
export type SideDoor = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** An HTTP server, not yet listening, that answers as Stripe does; what was changed is `kept` before it is answered. */
export function createApiServer(desk: Desk, sideDoor: SideDoor, kept: () => Promise<void>): Server {
  return createServer((request, response) => {
    serve({ desk, sideDoor, kept }, request, response).catch((error: unknown) => {
      // Only a connection that broke while its body came in ends here: nobody is left to answer.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
}

type Serving = { desk: Desk; sideDoor: SideDoor; kept: () => Promise<void> };

async function serve(
  { desk, sideDoor, kept }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (await sideDoor(request, response)) return;
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  try {
    const key = authenticate(request, path === "/v2/billing/meter_event_stream");
    const reply = await dispatch(desk, {
      method: request.method ?? "GET",
      path,
      query,
      body: await readBody(request),
      key,
      apiVersion: headerOf(request, "stripe-version") ?? API_VERSION,
      idempotencyKey: headerOf(request, "idempotency-key"),
    });
    if (request.method !== "GET") await kept();
    if (reply.dropped) {
      request.socket.destroy();
      return;
    }
    send(response, reply.status, reply.body, reply.headers);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    send(response, error.status, JSON.stringify({ error: error.detail }));
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}
