/** The `type` of a v1 error. */
export type ErrorType = "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";

/** The content of `error` in a reply. v1 has a `type`, v2 a `code`. */
export type ErrorDetail = {
  type?: string;
  code?: string;
  message: string;
  param?: string;
  doc_url?: string;
};

/** An error reply, thrown by handlers and turned into `{ error: … }`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: ErrorDetail,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail.message);
  }
}

/** A 400 about the request. `code` and `param` are left out of the reply when absent, as Stripe does. */
export function invalidRequest(message: string, detail: { code?: string; param?: string } = {}): ApiError {
  return new ApiError(400, { type: "invalid_request_error", message, ...detail });
}

/** An id in the path that does not exist is a 404; one in a parameter is a 400. Both have this text. */
export function noSuch(kind: string, id: string, where: { param?: string } = {}): ApiError {
  const param = where.param ?? "id";
  const status = where.param === undefined ? 404 : 400;
  return new ApiError(status, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${kind}: '${id}'`,
    param,
  });
}

/** A v2 error: `code` is required there and `param` does not exist. */
export function v2Error(status: number, code: string, message: string, type?: string): ApiError {
  return new ApiError(status, type === undefined ? { code, message } : { type, code, message });
}

const LOCK_TEXT =
  "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. " +
  "If you see this error intermittently, retry the request. If you see this error frequently and are making multiple " +
  "concurrent requests to a single object, make your requests serially or at a lower rate.";

/** An object that another request holds. Stripe marks it retryable, and it carries no rate-limited reason. */
export function lockTimeout(): ApiError {
  return new ApiError(
    429,
    { type: "invalid_request_error", code: "lock_timeout", message: LOCK_TEXT },
    { "stripe-should-retry": "true" },
  );
}

/** Which limit was met: https://docs.stripe.com/rate-limits */
export type RateLimitedReason =
  | "global-rate"
  | "global-concurrency"
  | "endpoint-rate"
  | "endpoint-concurrency"
  | "resource-specific";

/** Too many requests. Without `Stripe-Should-Retry`, so the SDK does not retry it by itself. */
export function rateLimited(reason: RateLimitedReason, isV2: boolean): ApiError {
  const concurrent = reason === "resource-specific" || reason.endsWith("concurrency");
  const message = concurrent
    ? "Too many concurrent requests. Requests for one customer and meter must be made one at a time."
    : "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits.";
  const detail = isV2
    ? { code: concurrent ? "too_many_concurrent_requests" : "rate_limit", message }
    : { type: "invalid_request_error", code: "rate_limit", message };
  return new ApiError(429, detail, { "stripe-rate-limited-reason": reason });
}
