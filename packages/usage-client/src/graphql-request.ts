/** Where the API is and how it knows us. */
export type ApiConnection = { readonly endpoint: string; readonly apiKey: string; readonly requestTimeoutMs: number };

/**
 * Why a request was not answered:
 * - RETRYABLE: the same request may succeed later (network, timeout, 408, 429, 5xx, UNAVAILABLE, INTERNAL);
 * - CONTENT: something in this request will never be accepted (BAD_USER_INPUT, too large), others may;
 * - CONFIGURATION: no request will be accepted until someone changes the key, the scope or the address.
 */
export type RequestFailure = {
  readonly kind: "RETRYABLE" | "CONTENT" | "CONFIGURATION";
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | null;
};

export type RequestAnswer =
  | { readonly ok: true; readonly body: Record<string, unknown> }
  | { readonly ok: false; readonly failure: RequestFailure };

const KIND_BY_CODE: Readonly<Record<string, RequestFailure["kind"]>> = {
  UNAUTHENTICATED: "CONFIGURATION",
  FORBIDDEN: "CONFIGURATION",
  GRAPHQL_VALIDATION_FAILED: "CONFIGURATION",
  GRAPHQL_PARSE_FAILED: "CONFIGURATION",
  BAD_USER_INPUT: "CONTENT",
  BAD_REQUEST: "CONTENT",
  NOT_FOUND: "CONTENT",
  CONFLICT: "CONTENT",
  PAYLOAD_TOO_LARGE: "CONTENT",
  UNAVAILABLE: "RETRYABLE",
  INTERNAL: "RETRYABLE",
  INTERNAL_SERVER_ERROR: "RETRYABLE",
};

/** Sends one GraphQL request, once. Every way to fail is an answer; it never throws. */
export async function postGraphql(
  connection: ApiConnection,
  { body, signal }: { body: string; signal: AbortSignal },
): Promise<RequestAnswer> {
  const timeout = AbortSignal.timeout(connection.requestTimeoutMs);
  try {
    const response = await fetch(connection.endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${connection.apiKey}` },
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout]),
    });
    return readAnswer(response.status, response.headers.get("retry-after"), await response.text());
  } catch (error) {
    if (timeout.aborted) {
      return failed("RETRYABLE", "TIMEOUT", `No answer within ${connection.requestTimeoutMs} ms.`);
    }
    if (signal.aborted) return failed("RETRYABLE", "ABORTED", "The request was stopped.");
    return failed("RETRYABLE", "NETWORK", `No connection to ${connection.endpoint}: ${messageOf(error)}`);
  }
}

/** Classifies an HTTP answer: a GraphQL error code says more than the status, so it is looked at first. */
export function readAnswer(status: number, retryAfter: string | null, text: string): RequestAnswer {
  const parsed = parseObject(text);
  const fault = firstError(parsed);
  if (fault) {
    const kind = KIND_BY_CODE[fault.code] ?? kindOfStatus(status === 200 ? 500 : status);
    return failed(kind, fault.code, fault.message, retryAfterMs(retryAfter));
  }
  const data = parsed?.["data"];
  if (status >= 200 && status < 300) {
    if (isObject(data)) return { ok: true, body: data };
    return failed("RETRYABLE", "BAD_ANSWER", `HTTP ${status} without GraphQL data.`);
  }
  const code = status === 401 ? "UNAUTHENTICATED" : status === 403 ? "FORBIDDEN" : `HTTP_${status}`;
  return failed(kindOfStatus(status), code, `HTTP ${status}.`, retryAfterMs(retryAfter));
}

function kindOfStatus(status: number): RequestFailure["kind"] {
  if (status >= 500 || status === 429 || status === 408 || status === 425) return "RETRYABLE";
  return status === 400 || status === 413 || status === 422 ? "CONTENT" : "CONFIGURATION";
}

function failed(
  kind: RequestFailure["kind"],
  code: string,
  message: string,
  retryAfter: number | null = null,
): RequestAnswer {
  return { ok: false, failure: { kind, code, message, retryAfterMs: retryAfter } };
}

/** Only the delay form in seconds: the date form would trust two clocks. */
function retryAfterMs(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : null;
}

function firstError(body: Record<string, unknown> | null): { code: string; message: string } | null {
  const errors = body?.["errors"];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (!isObject(first)) return null;
  const extensions = isObject(first["extensions"]) ? first["extensions"] : {};
  const code = typeof extensions["code"] === "string" ? extensions["code"] : "UNKNOWN";
  return { code, message: typeof first["message"] === "string" ? first["message"] : code };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Proxies answer with HTML or nothing; the status then decides.
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `fetch` says only "fetch failed"; the reason is in the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}
