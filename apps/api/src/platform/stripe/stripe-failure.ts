import Stripe from "stripe";

/**
 * What a failed call to Stripe means for whoever made it.
 * - RETRYABLE: it did not happen; the same call may be made again.
 * - AMBIGUOUS: it may have happened; made again only with the same idempotency key, and within the key's life.
 * - ALREADY_DONE: it happened before.
 * - PERMANENT: it did not happen, and will not without a change of what is sent.
 */
export type StripeFailureKind = "RETRYABLE" | "AMBIGUOUS" | "ALREADY_DONE" | "PERMANENT";

/** A failure, classified. The message is Stripe's; it names ids and never holds the key. */
export type StripeFailure = {
  kind: StripeFailureKind;
  code: string;
  message: string;
  /** How long to wait at least, where that is known. */
  retryAfterMs: number | null;
};

/** Text of v1, which gives no code (seen in test mode 2026-09, and in five projects that match on it). */
const alreadyThere = /^An event already exists with identifier /;

/** The connection was never made, so nothing can have happened. */
const neverConnected = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

/** A refused key is put right by a person; until then nothing that waits may be lost, nor Stripe be asked in a hurry. */
const wrongKeyRetryMs = 60_000;

/** Classifies what a call of the SDK threw. @throws the error itself when it is none of Stripe's: that is a bug here */
export function classifyStripeError(error: unknown): StripeFailure {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const message = error.message.slice(0, 500);
  const found = { code: codeOf(error), message, retryAfterMs: retryAfterOf(error) };
  if (error instanceof Stripe.errors.StripeConnectionError)
    return { ...found, kind: neverConnected.has(found.code) ? "RETRYABLE" : "AMBIGUOUS" };
  if (error.code === "duplicate_meter_event" || alreadyThere.test(message)) return { ...found, kind: "ALREADY_DONE" };
  if (error instanceof Stripe.errors.StripeAuthenticationError || error instanceof Stripe.errors.StripePermissionError)
    return { ...found, kind: "RETRYABLE", retryAfterMs: wrongKeyRetryMs };
  if (error instanceof Stripe.errors.TemporarySessionExpiredError) return { ...found, kind: "RETRYABLE" };
  if (error instanceof Stripe.errors.StripeIdempotencyError) return { ...found, kind: "PERMANENT" };
  return { ...found, kind: kindOfStatus(error.statusCode, error.code) };
}

function kindOfStatus(status: number | undefined, code: string | undefined): StripeFailureKind {
  if (status === undefined) return "AMBIGUOUS";
  // 409: the same key is still at work, or the object is; 429: refused before anything began.
  if (status === 409 || status === 429 || code === "lock_timeout" || code === "rate_limit") return "RETRYABLE";
  // Any 5xx is indeterminate (docs.stripe.com/error-low-level), a 503 too: that is the harsher reading.
  return status >= 500 ? "AMBIGUOUS" : "PERMANENT";
}

function codeOf(error: Stripe.errors.StripeError): string {
  const { detail, code, statusCode } = error;
  if (error instanceof Stripe.errors.StripeConnectionError) return connectionCodeOf(detail) ?? "connection_error";
  return code ?? (statusCode === undefined ? "unknown" : `http_${statusCode}`);
}

/** Node's code of a broken connection: of the error, or of what caused it. */
function connectionCodeOf(detail: unknown): string | undefined {
  for (let cause = detail, depth = 0; depth < 4 && cause instanceof Error; cause = cause.cause, depth += 1) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string") return code;
    // An address with more than one way to reach it fails with all of them.
    if (cause instanceof AggregateError) return connectionCodeOf(cause.errors[0]);
  }
  return undefined;
}

function retryAfterOf(error: Stripe.errors.StripeError): number | null {
  const header = (error.headers as Record<string, string> | undefined)?.["retry-after"];
  const seconds = header === undefined || !/^\d{1,4}$/.test(header) ? null : Number(header);
  return seconds === null ? null : seconds * 1_000;
}
