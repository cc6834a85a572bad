import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { handleProtocols, makeServer } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import { type Identity, originsOf } from "../auth/index.ts";
import { isOutage } from "../database/index.ts";
import { CallerError } from "../graphql/errors.ts";
import { closeCodes } from "./close-codes.ts";
import { type LiveConnection, LiveConnections } from "./live-connections.ts";
import { watchLive } from "./live-metrics.ts";
import { prepareLive } from "./live-operation.ts";
import type { Extra, LiveParts } from "./live-parts.ts";
import { LiveSocket } from "./live-socket.ts";
import { credentialsOf } from "./live-credentials.ts";

const path = "/graphql";
/** Of a stop, what clients get to close by themselves. */
const stopGraceMs = 1_000;

/**
 * Serves GraphQL subscriptions (protocol graphql-transport-ws) at /graphql, beside the same address over HTTP. Queries and
 * mutations are not taken here: a browser sends a WebSocket's cookies from any page, and HTTP has the stronger guards.
 */
export function serveLive(server: FastifyInstance, parts: LiveParts): LiveConnections {
  const { settings, logger, metrics } = parts;
  const connections = new LiveConnections(parts);
  const { closed } = watchLive(metrics, connections);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: settings.maxMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols,
  });
  const graphql = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: settings.initTimeoutMs,
    onConnect: (context) => admit(parts, connections, context.extra, context.connectionParams),
    ...prepareLive(parts),
  });
  const open = (socket: WebSocket, request: IncomingMessage) => {
    const live = new LiveSocket(socket, settings);
    const connection: LiveConnection = { socket: live, identity: null };
    connections.add(connection);
    const fail = (error: unknown) => {
      logger.error({ err: error }, "a live connection failed");
      live.close(closeCodes.INTERNAL, "Something went wrong in Meterline.");
    };
    const ended = graphql.opened(
      {
        protocol: live.protocol,
        send: (text) => live.send(text),
        close: (code, reason) => live.close(code ?? closeCodes.INTERNAL, reason ?? ""),
        onMessage: (handle) => live.onMessage(handle, fail),
      },
      { connection, request, requestId: randomUUID() },
    );
    // Such as a frame that is too large or no frame at all; ws then closes by itself.
    socket.on("error", (error) => logger.debug({ err: error }, "a live connection broke"));
    socket.once("close", (code, reason) => {
      connections.remove(connection);
      closed.inc({ code: String(code) });
      Promise.resolve(ended(code, String(reason))).catch(fail);
    });
  };
  let stopping = false;
  server.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const refusal = stopping ? 503 : refusalOf(request, parts, connections);
    if (refusal !== null) return refuse(socket, refusal);
    sockets.handleUpgrade(request, socket, head, open);
  });
  server.addHook("preClose", async () => {
    stopping = true;
    await connections.close(stopGraceMs);
  });
  connections.start();
  return connections;
}

/** A page of another origin may open a WebSocket with our cookies, so the origin is looked at before anything else. */
function refusalOf(request: IncomingMessage, parts: LiveParts, connections: LiveConnections): number | null {
  if (request.url?.split("?", 1)[0] !== path) return 404;
  const { origin } = request.headers;
  if (origin !== undefined && !originsOf(parts.publicUrl).includes(origin)) return 403;
  return connections.isFull ? 503 : null;
}

function refuse(socket: Duplex, status: number): void {
  const words = { 403: "Forbidden", 404: "Not Found", 503: "Service Unavailable" }[status] ?? "";
  socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function admit(
  { authenticator, logger }: LiveParts,
  connections: LiveConnections,
  { connection, request }: Extra,
  params: Readonly<Record<string, unknown>> | undefined,
): Promise<boolean> {
  let identity: Identity | null;
  try {
    identity = await authenticator.identityOf(credentialsOf(request.headers, params));
  } catch (error) {
    if (error instanceof CallerError && error.code === "UNAUTHENTICATED") identity = null;
    else {
      if (!isOutage(error)) logger.error({ err: error }, "could not tell who opens a live connection");
      connection.socket.close(closeCodes.UNAVAILABLE, "Meterline's database is away. Try again.");
      return true;
    }
  }
  if (identity === null) {
    connection.socket.close(closeCodes.REFUSED, "Sign in, or give an API key in the connection parameters.");
    return true;
  }
  if (!connections.admit(connection, identity))
    connection.socket.close(closeCodes.TOO_MANY_CONNECTIONS, "Too many live connections. Close one, or try later.");
  return true;
}
