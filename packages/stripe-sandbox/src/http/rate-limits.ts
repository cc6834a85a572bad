import type { EpochMs } from "../core/time.ts";
import type { RateLimitedReason } from "../wire/errors.ts";
import type { SandboxOptions } from "../core/options.ts";

/** Requests a second: https://docs.stripe.com/rate-limits. A bucket refills by the second and holds one second's worth. */
const LIVE = { global: 100, endpoint: 25, meterEvents: 1_000, streamEvents: 10_000 };
const SANDBOX = { global: 25, endpoint: 25 };

type Bucket = { left: number; filledAt: EpochMs };

/** Token buckets on the wall clock; with a frozen clock they never refill, so such tests switch limits off. */
export class RateLimits {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private mode: SandboxOptions["rateLimits"]) {}

  /** Changes which limits hold, from full buckets. */
  setMode(mode: SandboxOptions["rateLimits"]): void {
    this.mode = mode;
    this.buckets.clear();
  }

  /** Takes the tokens of one request, or says which limit it met. `events` counts the events of a stream call. */
  take(route: { method: string; pattern: string }, events: number, now: EpochMs): RateLimitedReason | null {
    if (this.mode === "off") return null;
    const isStream = route.pattern === "/v2/billing/meter_event_stream";
    const isMeterEvent = /^\/v[12]\/billing\/meter_events$/.test(route.pattern);
    if (this.mode === "live" && isStream) {
      return this.spend("stream", LIVE.streamEvents, events, now) ? null : "endpoint-rate";
    }
    if (this.mode === "live" && isMeterEvent) {
      return this.spend("meter-events", LIVE.meterEvents, 1, now) ? null : "endpoint-rate";
    }
    const { global, endpoint } = this.mode === "live" ? LIVE : SANDBOX;
    if (!this.spend(`${route.method} ${route.pattern}`, endpoint, 1, now)) return "endpoint-rate";
    return this.spend("global", global, 1, now) ? null : "global-rate";
  }

  private spend(name: string, perSecond: number, tokens: number, now: EpochMs): boolean {
    const bucket = this.buckets.get(name) ?? { left: perSecond, filledAt: now };
    const refill = ((now - bucket.filledAt) * perSecond) / 1000;
    const left = Math.min(perSecond, bucket.left + Math.max(0, refill));
    const allowed = left >= tokens;
    this.buckets.set(name, { left: allowed ? left - tokens : left, filledAt: now });
    return allowed;
  }
}
