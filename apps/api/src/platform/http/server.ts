import { randomUUID } from "node:crypto";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { ErrorCode } from "../graphql/errors.ts";
import type { Logger, Metrics } from "../observability/index.ts";
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
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  server.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of securityHeaders) if (!reply.hasHeader(name)) reply.header(name, value);
  });
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    metrics.httpDuration.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  server.setErrorHandler<FastifyError>((error, request, reply) => answerError(error, request, reply, logger));
  return server;
}

/** Errors outside GraphQL have the shape of GraphQL's, so that a client reads one shape only. */
export function errorBody(code: ErrorCode, message: string, requestId: string) {
  return { errors: [{ message, extensions: { code, requestId } }] };
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const status = error.statusCode ?? 500;
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const limit = `${Math.floor((request.server.initialConfig.bodyLimit ?? 0) / 1024)} KiB`;
    const message = `The request body is larger than ${limit}. Send smaller batches.`;
    return reply.code(413).send(errorBody("PAYLOAD_TOO_LARGE", message, request.id));
  }
  if (status >= 400 && status < 500) {
    const message =
      error instanceof SyntaxError || error.code === "FST_ERR_CTP_INVALID_JSON_BODY"
        ? 'The request body is not JSON. Send a JSON object such as {"query": "…", "variables": {…}}.'
        : error.message;
    return reply.code(status).send(errorBody("BAD_USER_INPUT", message, request.id));
  }
  logger.error({ err: error, requestId: request.id }, "request failed");
  const message = "Something went wrong in Meterline. Its log names this request.";
  return reply.code(500).send(errorBody("INTERNAL", message, request.id));
}
