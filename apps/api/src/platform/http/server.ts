import { randomUUID } from "node:crypto";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Logger, Metrics } from "../observability/index.ts";
import { answerError, errorBody } from "./error-answer.ts";
import { securityHeaders } from "./security-headers.ts";

/** How requests are taken in. */
export type HttpSettings = { trustProxy: boolean; bodyLimitBytes: number };

/** The HTTP server, without routes: request ids, limits, errors, headers and metrics are the same for all of them. */
export function createHttpServer(settings: HttpSettings, logger: Logger, metrics: Metrics): FastifyInstance {
  const server = fastify({
    bodyLimit: settings.bodyLimitBytes,
    trustProxy: settings.trustProxy,
    genReqId: () => randomUUID(),
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 500 },
    requestTimeout: 60_000,
    // A URL that cannot be decoded reaches no route and no hook.
    frameworkErrors: (_error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      addSecurityHeaders(reply);
      return reply.code(400).send(errorBody("BAD_USER_INPUT", "The URL is not well-formed.", request.id));
    },
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  let closing = false;
  server.addHook("preClose", async () => {
    closing = true;
  });
  server.addHook("onSend", async (_request, reply) => {
    addSecurityHeaders(reply);
    // A connection that was busy when the stop began would otherwise be kept open, and the stop wait for it.
    if (closing) reply.header("connection", "close");
  });
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    metrics.httpDuration.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  server.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(errorBody("NOT_FOUND", "There is nothing at this address.", request.id)),
  );
  server.setErrorHandler<FastifyError>((error, request, reply) => answerError(error, request, reply, logger));
  return server;
}

function addSecurityHeaders(reply: FastifyReply): void {
  for (const [name, value] of securityHeaders) if (!reply.hasHeader(name)) reply.header(name, value);
}
