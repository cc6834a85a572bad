import type { RequestHeaders } from "../auth/index.ts";

/**
 * Who opens a connection, as headers of an ordinary request would say it. A browser cannot set headers on a WebSocket, so
 * `connection_init` may hold `app` ("portal" or "admin": which cookie counts) or `authorization`. A cookie counts only
 * with an Origin, which was checked before: without one it is no browser, and a backend has a key.
 */
export function credentialsOf(
  headers: RequestHeaders,
  params: Readonly<Record<string, unknown>> | undefined,
): RequestHeaders {
  const authorization = textOf(params?.["authorization"]) ?? headers["authorization"];
  if (authorization !== undefined) return { authorization };
  if (headers["origin"] === undefined) return {};
  return { cookie: headers["cookie"], "x-meterline-app": textOf(params?.["app"]) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
