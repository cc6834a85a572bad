import type { RateLimitedReason } from "../wire/errors.ts";
import { ApiError } from "../wire/errors.ts";
import type { FaultEffect, FaultRule } from "../http/faults.ts";

const REASONS: readonly RateLimitedReason[] = [
  "global-rate",
  "global-concurrency",
  "endpoint-rate",
  "endpoint-concurrency",
  "resource-specific",
];
/** No request is delayed for longer than this. */
const MAX_DELAY_MS = 300_000;

/** Reads the body of `POST /_sandbox/faults`: `{ effect: { kind, … }, path?, method?, rate?, left? }`. */
export function readFault(body: Record<string, unknown>): Omit<FaultRule, "id"> {
  const { effect, path = "/", method = null, rate = 1, left = null } = body;
  if (typeof path !== "string" || !path.startsWith("/")) throw bad("path must begin with /");
  if (method !== null && method !== "GET" && method !== "POST" && method !== "DELETE") {
    throw bad("method must be GET, POST, DELETE or null");
  }
  if (typeof rate !== "number" || !(rate >= 0 && rate <= 1)) throw bad("rate must be from 0 to 1");
  if (left !== null && !(typeof left === "number" && Number.isSafeInteger(left) && left > 0)) {
    throw bad("left must be a whole number of 1 or more, or null");
  }
  return { effect: readEffect(effect), path, method, rate, left };
}

function readEffect(effect: unknown): FaultEffect {
  if (typeof effect !== "object" || effect === null) throw bad("effect must be an object with a kind");
  const { kind, status, reason, delayMs } = effect as Record<string, unknown>;
  switch (kind) {
    case "fail": {
      if (typeof status !== "number" || !Number.isInteger(status) || status < 400 || status > 599) {
        throw bad("effect.status must be from 400 to 599");
      }
      const known = REASONS.find((one) => one === reason);
      if (reason !== undefined && known === undefined) throw bad(`effect.reason must be one of ${REASONS.join(", ")}`);
      return known === undefined ? { kind, status } : { kind, status, reason: known };
    }
    case "delay":
      if (typeof delayMs !== "number" || !(delayMs >= 0 && delayMs <= MAX_DELAY_MS)) {
        throw bad(`effect.delayMs must be from 0 to ${MAX_DELAY_MS}`);
      }
      return { kind, delayMs };
    case "fail_after":
    case "drop":
    case "refuse":
      return { kind };
    default:
      throw bad("effect.kind must be fail, fail_after, delay, drop or refuse");
  }
}

function bad(message: string): ApiError {
  return new ApiError(400, { message });
}
