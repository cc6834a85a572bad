import { retryDelayMs } from "../backoff.ts";
import { type Clock, pause } from "../clock.ts";
import { type ApiConnection, postGraphql, type RequestFailure } from "../graphql-request.ts";
import { ImportStopped } from "./import-stopped.ts";

/** What the API answered: data, or a refusal that no repetition changes. */
export type ApiAnswer =
  | { readonly ok: true; readonly data: Record<string, unknown> }
  | { readonly ok: false; readonly failure: RequestFailure };

export type ApiCallerOptions = {
  readonly connection: ApiConnection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long an API that does not answer is waited for. */
  readonly waitMs: number;
  readonly onRetry: (failure: RequestFailure) => void;
};

const BACKOFF = { initialBackoffMs: 100, maxBackoffMs: 5_000 };

/** Asks the API what is no usage: who we are, which meters there are, customers and their plans. */
export class ApiCaller {
  readonly #options: ApiCallerOptions;

  constructor(options: ApiCallerOptions) {
    this.#options = options;
  }

  /** Repeats what may succeed later, for at most `waitMs`; then throws `ImportStopped`. Only for calls that may be repeated. */
  async call(
    query: string,
    variables: Record<string, unknown> = {},
    waitMs: number = this.#options.waitMs,
  ): Promise<ApiAnswer> {
    const { connection, clock, signal, onRetry } = this.#options;
    const body = JSON.stringify({ query, variables });
    const startedAt = clock.now();
    for (let attempt = 1; ; attempt += 1) {
      const answer = await postGraphql(connection, { body, signal });
      if (answer.ok) return { ok: true, data: answer.body };
      if (answer.failure.kind !== "RETRYABLE") return answer;
      if (signal.aborted) throw new ImportStopped("STOPPED", "Stopped.");
      if (clock.now() - startedAt >= waitMs) throw apiAway(answer.failure, waitMs);
      onRetry(answer.failure);
      const { retryAfterMs } = answer.failure;
      await pause(
        clock,
        retryDelayMs(attempt, { bounds: BACKOFF, retryAfterMs, random: clock.random() }),
        signal,
        true,
      );
    }
  }
}

/** The API did not answer for as long as one was ready to wait. */
export function apiAway(failure: { code: string; message: string }, waitMs: number): ImportStopped {
  const waited = waitMs < 90_000 ? `${Math.round(waitMs / 1_000)} seconds` : `${Math.round(waitMs / 60_000)} minutes`;
  return new ImportStopped(
    "API_AWAY",
    `The API did not answer for ${waited} (${failure.code}: ${failure.message}). ` +
      "Run the same command again when it does: it continues, and nothing counts twice.",
  );
}

/** The API takes nothing from us as things are. */
export function apiRefuses({ code, message }: { code: string; message: string }): ImportStopped {
  const advice =
    code === "UNAUTHENTICATED"
      ? " Give a valid key with --api-key or METERLINE_API_KEY."
      : " Check the URL and the key.";
  return new ImportStopped(code, `The API refuses the import: ${code}: ${message}${advice}`);
}
