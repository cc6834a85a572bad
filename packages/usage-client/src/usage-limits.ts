import { randomUUID } from "node:crypto";
import { retryDelayMs } from "./backoff.ts";
import { type ResolvedOptions, resolveOptions, type UsageClientOptions } from "./client-options.ts";
import { pause } from "./clock.ts";
import { postGraphql, type RequestFailure } from "./graphql-request.ts";
import type { UsageRejection } from "./outcome.ts";
import { UsageLease } from "./usage-lease.ts";
import type { PropertyValue } from "./usage-record.ts";

/** Names a customer by exactly one of the two. */
export type CustomerRef = { readonly customerId?: string; readonly externalCustomerId?: string };

/** Units that are asked about or to be held. */
export type HoldRequest = CustomerRef & {
  readonly meterKey: string;
  /** Default "1". */
  readonly quantity?: string;
  readonly properties?: Readonly<Record<string, PropertyValue>>;
};

/** Where a customer stands at the strictest limit of a meter. Quantities are exact decimals as text. */
export type LimitState = {
  readonly policy: "HARD" | "SOFT" | "NOTIFY" | "NONE";
  readonly used: string;
  readonly reserved: string;
  readonly limit: string | null;
  readonly remaining: string | null;
  /** BLOCKED: what was asked for has no room. */
  readonly state: "OK" | "NEAR" | "REACHED" | "BLOCKED";
  readonly resetsAt: string | null;
  readonly upgrade: string | null;
};

/** Units that are held, until `expiresAt`. */
export type Reservation = { readonly id: string; readonly quantity: string; readonly expiresAt: string };

/** Held, or why not. */
export type Held<T> =
  | { readonly held: true; readonly hold: T; readonly limit: LimitState | null }
  | { readonly held: false; readonly rejection: UsageRejection; readonly limit: LimitState | null };

/** What became of a commit. */
export type CommitOutcome =
  | { readonly outcome: "RECORDED" | "DUPLICATE" }
  | { readonly outcome: "REJECTED"; readonly rejection: UsageRejection };

/** A question that got no answer. RETRYABLE: the API is away; a backend with a lease goes on without it. */
export class UsageLimitsError extends Error {
  readonly kind: RequestFailure["kind"];
  readonly code: string;

  constructor({ kind, code, message }: RequestFailure) {
    super(message);
    this.name = "UsageLimitsError";
    this.kind = kind;
    this.code = code;
  }
}

const STATE = "policy used reserved limit remaining state resetsAt upgrade";
const HOLD = `outcome id quantity heldAt expiresAt token rejection { code message field } limit { ${STATE} }`;
const maxAttempts = 4;

type HoldAnswer = {
  outcome: "HELD" | "REJECTED";
  id: string | null;
  quantity: string | null;
  heldAt: string | null;
  expiresAt: string | null;
  token: string | null;
  rejection: UsageRejection | null;
  limit: LimitState | null;
};

/** Asks about limits and holds units. Every call is tried at most four times under one key, so it takes effect once. */
export class UsageLimits {
  readonly #options: ResolvedOptions;
  readonly #never = new AbortController().signal;

  /** Takes the options of a `UsageClient`, of which it needs the address, the key, the timeout and the backoff. */
  constructor(options: UsageClientOptions) {
    this.#options = resolveOptions(options);
  }

  /** The strictest limit as it would stand for so much more now. Records and holds nothing. */
  async check(request: HoldRequest): Promise<LimitState> {
    const body = await this.#ask(
      `query Check($customerId: ID, $externalCustomerId: String, $meterKey: String!, $quantity: Decimal, $properties: JSONObject) {
        answer: checkUsage(customerId: $customerId, externalCustomerId: $externalCustomerId, meterKey: $meterKey,
          quantity: $quantity, properties: $properties) { ${STATE} } }`,
      request,
    );
    return body as LimitState;
  }

  /** Holds units before the work: for at most a day, 15 minutes when `ttlSeconds` is left out. */
  async reserve(
    request: HoldRequest & { readonly ttlSeconds?: number; readonly idempotencyKey?: string },
  ): Promise<Held<Reservation>> {
    const { answer } = await this.#hold("reserveUsage", request);
    if (answer.outcome === "REJECTED") return refused(answer);
    const { id, quantity, expiresAt } = answer;
    return {
      held: true,
      hold: { id: id ?? "", quantity: quantity ?? "", expiresAt: expiresAt ?? "" },
      limit: answer.limit,
    };
  }

  /** Records what a reservation was for: `quantity` left out, all of it. Less gives the rest back, more is decided. */
  async commit(
    request: CustomerRef & { readonly reservationId: string; readonly quantity?: string },
  ): Promise<CommitOutcome> {
    const answer = (await this.#ask(
      `mutation Commit($input: CommitReservationInput!) {
        answer: commitReservation(input: $input) { outcome rejection { code message field } } }`,
      { input: request },
    )) as { outcome: "RECORDED" | "DUPLICATE" | "REJECTED"; rejection: UsageRejection | null };
    if (answer.outcome !== "REJECTED") return { outcome: answer.outcome };
    return { outcome: "REJECTED", rejection: answer.rejection ?? NO_REASON };
  }

  /** Gives back what a reservation or a lease still holds. */
  async release(request: CustomerRef & { readonly reservationId: string }): Promise<void> {
    await this.#ask(
      "mutation Release($input: ReleaseReservationInput!) { answer: releaseReservation(input: $input) { state } }",
      { input: request },
    );
  }

  /**
   * Asks for units to decide about here, without the API, for at most an hour: a backend that renews its lease in time
   * goes on through an outage. Until it ends the lease counts as used.
   */
  async lease(
    request: HoldRequest & { readonly ttlSeconds?: number; readonly idempotencyKey?: string },
  ): Promise<Held<UsageLease>> {
    const { answer, askedAt } = await this.#hold("leaseUsage", request);
    if (answer.outcome === "REJECTED") return refused(answer);
    const { customerId, externalCustomerId, meterKey, properties } = request;
    const customer = customerId === undefined ? { externalCustomerId: externalCustomerId ?? "" } : { customerId };
    const hold = new UsageLease({
      id: answer.id ?? "",
      token: answer.token ?? "",
      quantity: answer.quantity ?? "0",
      heldAt: Date.parse(answer.heldAt ?? ""),
      expiresAt: Date.parse(answer.expiresAt ?? ""),
      askedAt,
      clock: this.#options.clock,
      usage: { ...customer, meterKey, ...(properties === undefined ? {} : { properties }) },
      release: () => this.release({ ...customer, reservationId: answer.id ?? "" }),
    });
    return { held: true, hold, limit: answer.limit };
  }

  async #hold(
    name: "reserveUsage" | "leaseUsage",
    request: HoldRequest & { readonly idempotencyKey?: string },
  ): Promise<{ answer: HoldAnswer; askedAt: number }> {
    // Before the first attempt: a lease that was granted then cannot end later than we think.
    const askedAt = this.#options.clock.now();
    const input = { ...request, idempotencyKey: request.idempotencyKey ?? randomUUID() };
    const answer = await this.#ask(
      `mutation Hold($input: ReserveUsageInput!) { answer: ${name}(input: $input) { ${HOLD} } }`,
      {
        input,
      },
    );
    return { answer: answer as HoldAnswer, askedAt };
  }

  async #ask(query: string, variables: object): Promise<unknown> {
    const { endpoint, apiKey, requestTimeoutMs, initialBackoffMs, maxBackoffMs, clock } = this.#options;
    const body = JSON.stringify({ query, variables });
    for (let attempt = 1; ; attempt += 1) {
      const answer = await postGraphql({ endpoint, apiKey, requestTimeoutMs }, { body, signal: this.#never });
      if (answer.ok) return answer.body["answer"];
      const { failure } = answer;
      if (failure.kind !== "RETRYABLE" || attempt === maxAttempts) throw new UsageLimitsError(failure);
      const bounds = { initialBackoffMs, maxBackoffMs };
      const delayMs = retryDelayMs(attempt, { bounds, retryAfterMs: failure.retryAfterMs, random: clock.random() });
      await pause(clock, delayMs, this.#never, true);
    }
  }
}

const NO_REASON: UsageRejection = { code: "UNKNOWN", message: "The API gave no reason.", field: null };

function refused(answer: HoldAnswer): { held: false; rejection: UsageRejection; limit: LimitState | null } {
  return { held: false, rejection: answer.rejection ?? NO_REASON, limit: answer.limit };
}
