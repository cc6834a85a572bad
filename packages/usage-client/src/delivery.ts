import { type BackoffBounds, retryDelayMs } from "./backoff.ts";
import { type Clock, pause } from "./clock.ts";
import { type ApiConnection, postGraphql, type RequestFailure } from "./graphql-request.ts";
import type { HookCaller } from "./hooks.ts";
import type { UsageOutcome } from "./outcome.ts";
import { readBatchResults } from "./batch-results.ts";

/** An event on its way. `json` is its wire form; `settle` learns what became of it, once. */
export type QueuedUsage = {
  readonly json: string;
  readonly sequence: number;
  readonly settle: ((outcome: UsageOutcome) => void) | null;
};

/** Events that have no answer, in their order, and the failure that ended the attempts. */
export type Undelivered = { readonly events: readonly QueuedUsage[]; readonly failure: RequestFailure };

/** Asked before each retry of one request. */
export type RetryPermission = (state: { readonly elapsedMs: number }) => boolean;

export type DeliveryOptions = {
  readonly connection: ApiConnection;
  readonly backoff: BackoffBounds;
  readonly clock: Clock;
  readonly hooks: HookCaller;
  /** Told the outcome of each event as soon as it is known. */
  readonly settle: (event: QueuedUsage, outcome: UsageOutcome) => void;
  /** Aborted when the client closes: ends waits and requests. */
  readonly signal: AbortSignal;
};

const QUERY =
  "mutation RecordUsage($input:[RecordUsageInput!]!){recordUsageBatch(input:$input){results{outcome rejection{code message field}}}}";
const BODY_START = `{"query":${JSON.stringify(QUERY)},"variables":{"input":[`;
const BODY_END = "]}}";

/** Brings events to the API: the same bytes on every attempt, and never the loss of a good event for a bad one beside it. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /**
   * Delivers `events` in their order. Retryable failures are repeated for as long as `mayRetry` allows. A request whose
   * content is refused is halved until the bad event stands alone; that one fails, the others are delivered (at most
   * 2 × events requests). Resolves to null when every event was settled.
   */
  async deliver(
    events: readonly QueuedUsage[],
    policy: { mayRetry: RetryPermission; keepsProcessAlive: boolean },
  ): Promise<Undelivered | null> {
    const parts: (readonly QueuedUsage[])[] = [events];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const failure = await this.#request(part, policy);
      if (failure === null) continue;
      const [first] = part;
      if (failure.kind === "CONTENT" && part.length > 1) {
        const middle = part.length >> 1;
        parts.push(part.slice(middle), part.slice(0, middle));
      } else if (failure.kind === "CONTENT" && first) {
        const { kind, code, message } = failure;
        this.#options.settle(first, { outcome: "FAILED", failure: { kind, code, message } });
      } else {
        return { events: [part, ...parts.reverse()].flat(), failure };
      }
    }
    return null;
  }

  /** One request and its retries. Null when it was answered. */
  async #request(
    events: readonly QueuedUsage[],
    { mayRetry, keepsProcessAlive }: { mayRetry: RetryPermission; keepsProcessAlive: boolean },
  ): Promise<RequestFailure | null> {
    const { connection, clock, hooks, signal, backoff } = this.#options;
    const body = BODY_START + events.map((event) => event.json).join(",") + BODY_END;
    const firstAttemptAt = clock.now();
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = clock.now();
      const answer = await postGraphql(connection, { body, signal });
      const results = answer.ok ? readBatchResults(answer.body, events.length) : null;
      if (results) {
        const counts = { recorded: 0, duplicates: 0, rejected: 0 };
        for (const [index, event] of events.entries()) {
          const outcome = results[index];
          if (!outcome) continue;
          if (outcome.outcome === "RECORDED") counts.recorded += 1;
          else if (outcome.outcome === "DUPLICATE") counts.duplicates += 1;
          else counts.rejected += 1;
          this.#options.settle(event, outcome);
        }
        hooks.batch({ events: events.length, ...counts, durationMs: clock.now() - startedAt, attempts: attempt });
        return null;
      }
      const failure = answer.ok ? BAD_ANSWER : answer.failure;
      if (failure.kind !== "RETRYABLE") return failure;
      if (signal.aborted || !mayRetry({ elapsedMs: clock.now() - firstAttemptAt })) return failure;
      const { retryAfterMs, code, message } = failure;
      const delayMs = retryDelayMs(attempt, { bounds: backoff, retryAfterMs, random: clock.random() });
      hooks.retry({ events: events.length, attempt, delayMs, code, message });
      await pause(clock, delayMs, signal, keepsProcessAlive);
      if (signal.aborted || !mayRetry({ elapsedMs: clock.now() - firstAttemptAt })) return failure;
    }
  }
}

const BAD_ANSWER: RequestFailure = {
  kind: "RETRYABLE",
  code: "BAD_ANSWER",
  message: "The API answered without one result per event.",
  retryAfterMs: null,
};
