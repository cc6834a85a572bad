import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { isOutage } from "../database/index.ts";
import { CallerError, type ErrorCode, unavailable } from "../graphql/errors.ts";
import type { Logger } from "../observability/index.ts";

/** Errors outside GraphQL have the shape of GraphQL's, so that a client reads one shape only. */
export function errorBody(code: ErrorCode, message: string, requestId: string, detail: Record<string, unknown> = {}) {
  return { errors: [{ message, extensions: { ...detail, code, requestId } }] };
}

const statusOfCode: Record<ErrorCode, number> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** Answers a request that failed outside GraphQL: our own messages as they are, and nothing of any other. */
export function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const refusal = refusalOf(error, request);
  if (refusal !== null) {
    const { code, message, extensions } = refusal;
    if (code === "UNAVAILABLE") {
      logger.warn({ err: error, requestId: request.id }, "request refused");
      reply.header("retry-after", "1");
    }
    return reply.code(statusOfCode[code]).send(errorBody(code, message, request.id, extensions));
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500)
    return reply.code(status).send(errorBody("BAD_USER_INPUT", requestFault(error), request.id));
  logger.error({ err: error, requestId: request.id }, "request failed");
  const message = "Something went wrong in Meterline. Its log names this request.";
  return reply.code(500).send(errorBody("INTERNAL", message, request.id));
}

function refusalOf(error: FastifyError, request: FastifyRequest): CallerError | null {
  if (error instanceof CallerError) return error;
  if (isOutage(error)) return unavailable();
  if (error.code !== "FST_ERR_CTP_BODY_TOO_LARGE") return null;
  const limit = `${Math.floor((request.server.initialConfig.bodyLimit ?? 0) / 1024)} KiB`;
  return new CallerError("PAYLOAD_TOO_LARGE", `The request body is larger than ${limit}. Send smaller batches.`);
}

function requestFault(error: FastifyError): string {
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return "Send the request with content-type: application/json.";
  // The parser also refuses names that could replace what every object inherits, and does not tell the two apart.
  if (error instanceof SyntaxError || error.code === "FST_ERR_CTP_INVALID_JSON_BODY")
    return 'The request body is not JSON, or names "__proto__". Send an object such as {"query": "…", "variables": {…}}.';
  return error.message;
}
