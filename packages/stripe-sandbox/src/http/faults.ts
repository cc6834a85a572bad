import type { Random } from "../core/random.ts";
import { ApiError, type RateLimitedReason, rateLimited } from "../wire/errors.ts";

/** What can be made to go wrong with a request. */
export type FaultEffect =
  /** Answered with this status before any work is done; a 429 is decided before idempotency, as at Stripe. */
  | { kind: "fail"; status: number; reason?: RateLimitedReason }
  /** The work is done, then the answer is a 500 all the same. */
  | { kind: "fail_after" }
  /** The work waits this long (real time), holding what it holds. */
  | { kind: "delay"; delayMs: number }
  /** The work is done and the connection is cut without an answer. */
  | { kind: "drop" }
  /** The connection is cut before any work is done. */
  | { kind: "refuse" };

/** A standing order for requests that match. */
export type FaultRule = {
  id: string;
  effect: FaultEffect;
  /** Beginning of the path; "/" matches all. */
  path: string;
  /** Only this method; null matches all. */
  method: string | null;
  /** Share of matching requests, 0 to 1. */
  rate: number;
  /** How many more times it strikes; null for ever. */
  left: number | null;
};

/** The faults that are set. Which requests they strike is drawn from a seed of their own: same requests, same faults. */
export class FaultPanel {
  private rules: FaultRule[] = [];
  private count = 0;

  constructor(private random: Random) {}

  add(rule: Omit<FaultRule, "id">): FaultRule {
    this.count += 1;
    const added = { ...rule, id: `fault_${this.count}` };
    this.rules.push(added);
    return added;
  }

  list(): readonly FaultRule[] {
    return this.rules;
  }

  /** Removes one rule, or all of them. */
  clear(id?: string): void {
    this.rules = id === undefined ? [] : this.rules.filter((rule) => rule.id !== id);
  }

  /** Starts the draws again. */
  reseed(random: Random): void {
    this.random = random;
  }

  /** The effects that strike this request. */
  strike(method: string, path: string): FaultEffect[] {
    const effects: FaultEffect[] = [];
    for (const rule of this.rules) {
      if (!path.startsWith(rule.path) || (rule.method !== null && rule.method !== method) || rule.left === 0) continue;
      if (this.random() >= rule.rate) continue;
      if (rule.left !== null) rule.left -= 1;
      effects.push(rule.effect);
    }
    return effects;
  }
}

/** The reply of a `fail` effect. */
export function faultError(effect: { status: number; reason?: RateLimitedReason }, isV2: boolean): ApiError {
  if (effect.status === 429) return rateLimited(effect.reason ?? "global-rate", isV2);
  const message = "Sorry! An error occurred while processing your request (set on the sandbox's fault panel).";
  return new ApiError(effect.status, isV2 ? { code: "api_error", message } : { type: "api_error", message });
}
