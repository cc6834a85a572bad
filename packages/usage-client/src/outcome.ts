import type { RecordUsageInput } from "./usage-record.ts";

/** Why the API refused one event for good; the codes are those of the GraphQL contract. */
export type UsageRejection = { readonly code: string; readonly message: string; readonly field: string | null };

/** Why an event could not be delivered at all. */
export type DeliveryFailure = {
  /**
   * - RETRYABLE: the API was away for longer than `giveUpAfterMs`, or the client was closed before it answered;
   * - CONTENT: the API will never take this event as it is;
   * - CONFIGURATION: the API takes nothing until the key, its scopes or the address are changed;
   * - REFUSED: `record()` did not take it; `code` is a `RefusalCode`.
   */
  readonly kind: "RETRYABLE" | "CONTENT" | "CONFIGURATION" | "REFUSED";
  /** NETWORK, TIMEOUT, UNAVAILABLE, CLOSED, UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT, PAYLOAD_TOO_LARGE, HTTP_404, … */
  readonly code: string;
  readonly message: string;
};

/** What became of one event. */
export type UsageOutcome =
  /** Committed by this call. */
  | { readonly outcome: "RECORDED" }
  /** Was there already: an earlier run, or an earlier attempt of this one whose answer was lost. Counted once. */
  | { readonly outcome: "DUPLICATE" }
  /** The API looked at it and will never take it as it is. */
  | { readonly outcome: "REJECTED"; readonly rejection: UsageRejection }
  /** Safe on disk; delivered when the API answers again, by this process or the next one on the same directory. */
  | { readonly outcome: "SPILLED" }
  /** Not delivered and not kept. */
  | { readonly outcome: "FAILED"; readonly failure: DeliveryFailure };

/** An event that was rejected or failed, for the hook that must not miss it. */
export type UndeliveredUsage = {
  readonly usage: RecordUsageInput;
  readonly outcome: Extract<UsageOutcome, { outcome: "REJECTED" | "FAILED" }>;
};

/** Why `record()` did not take an event. */
export type RefusalCode = "BACK_PRESSURE" | "INVALID_INPUT" | "CLOSED";

/** `record()` did not take the event: it is neither in memory nor on disk. An `Error`, so that a caller can throw it. */
export class UsageRefusedError extends Error {
  readonly code: RefusalCode;
  /** The offending field, for INVALID_INPUT. */
  readonly field: string | null;

  constructor(code: RefusalCode, message: string, field: string | null = null) {
    super(message);
    this.name = "UsageRefusedError";
    this.code = code;
    this.field = field;
  }
}

/** The immediate answer of `record()`. */
export type RecordReceipt =
  /** BUFFERED: in this process's memory. SPILLED: written to disk, since the API is down or too slow. */
  | { readonly accepted: true; readonly held: "BUFFERED" | "SPILLED"; readonly idempotencyKey: string }
  | { readonly accepted: false; readonly error: UsageRefusedError };
