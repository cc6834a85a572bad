/** Bounds of the wait before a retry, in milliseconds. */
export type BackoffBounds = { readonly initialBackoffMs: number; readonly maxBackoffMs: number };

/** A server that asks for more patience than this is asked again after this long. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * The wait before retry number `attempt` (1 is the first retry): exponential with full jitter, so that many clients
 * that failed together do not come back together. Uniform in [0, min(maxBackoffMs, initialBackoffMs × 2^(attempt − 1))).
 * What the server asked for with `Retry-After` is a floor. `random` is at least 0 and below 1.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(
  attempt: number,
  { bounds, retryAfterMs, random }: { bounds: BackoffBounds; retryAfterMs: number | null; random: number },
): number {
  const ceiling = Math.min(bounds.maxBackoffMs, bounds.initialBackoffMs * 2 ** Math.min(attempt - 1, 30));
  const floor = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  return Math.max(Math.floor(random * ceiling), floor);
}
