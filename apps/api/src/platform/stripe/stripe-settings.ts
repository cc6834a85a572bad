/**
 * Where Stripe's objects live: in the local stand-in, in an account's test mode, or in its live mode. Ids of one mean
 * nothing in another.
 */
export type StripePlace = "SANDBOX" | "TEST" | "LIVE";

/** How Stripe is reached and how its webhooks are checked. */
export type StripeSettings = {
  apiKey: string;
  place: StripePlace;
  /** The sandbox's address; null is Stripe itself. */
  api: { host: string; port: number; protocol: "http" | "https" } | null;
  /** Signs snapshot events; null refuses them. */
  webhookSecret: string | null;
  /** Signs thin events; null refuses them. */
  eventSecret: string | null;
  /** A reply that takes longer is given up, and what became of the request is unknown. */
  timeoutMs: number;
  /** Of all calls but those that report usage. */
  callsPerSecond: number;
  /** Of the v1 and v2 meter events, one a call. */
  meterEventsPerSecond: number;
  /** Of the meter event stream: events, not calls. */
  streamEventsPerSecond: number;
  /** GETs that the account may make in 30 days. */
  readsPerMonth: number;
  webhookBodyLimitBytes: number;
  webhookRetentionDays: number;
  /** From one look at Stripe's list of events to the next, where the read allowance suffices. */
  catchUpEveryMs: number;
};

/** The variables as they are read from the environment; absent where nobody set them. */
export type StripeEnvironment = {
  STRIPE_API_KEY?: string | undefined;
  STRIPE_API_URL?: string | undefined;
  STRIPE_WEBHOOK_SECRET?: string | undefined;
  STRIPE_EVENT_SECRET?: string | undefined;
  STRIPE_TIMEOUT_MS: number;
  STRIPE_CALLS_PER_SECOND: number;
  STRIPE_METER_EVENTS_PER_SECOND?: number | undefined;
  STRIPE_STREAM_EVENTS_PER_SECOND?: number | undefined;
  STRIPE_READS_PER_MONTH: number;
  STRIPE_WEBHOOK_BODY_LIMIT_BYTES: number;
  STRIPE_WEBHOOK_RETENTION_DAYS: number;
  STRIPE_CATCH_UP_EVERY_MS: number;
};

/**
 * Published limits (docs.stripe.com/rate-limits): live 1,000 meter events and 10,000 stream events a second; in test mode
 * both count into the 25 calls a second of everything, of which the other calls leave this much.
 */
const published: Record<StripePlace, { meterEvents: number; streamEvents: number }> = {
  SANDBOX: { meterEvents: 1_000, streamEvents: 10_000 },
  LIVE: { meterEvents: 1_000, streamEvents: 10_000 },
  TEST: { meterEvents: 10, streamEvents: 500 },
};

/** What the variables say, or null where Stripe is not configured. Faults name the variable and never its value. */
export function stripeSettingsOf(environment: StripeEnvironment): {
  settings: StripeSettings | null;
  faults: string[];
} {
  const { STRIPE_API_KEY: apiKey, STRIPE_API_URL: url } = environment;
  if (apiKey === undefined) return { settings: null, faults: faultsWithoutKey(environment) };
  const mode = /^(?:sk|rk)_(test|live)_/.exec(apiKey)?.[1];
  if (mode === undefined)
    return { settings: null, faults: ["STRIPE_API_KEY: must be a secret or restricted key (sk_test_…, rk_live_…)"] };
  if (mode === "live" && url !== undefined) {
    const fault =
      "STRIPE_API_KEY: is a live key, and STRIPE_API_URL points at a sandbox, which would be sent it; " +
      "use a test key there, or leave STRIPE_API_URL out";
    return { settings: null, faults: [fault] };
  }
  const place = url !== undefined ? "SANDBOX" : mode === "live" ? "LIVE" : "TEST";
  return {
    faults: [],
    settings: {
      apiKey,
      place,
      api: url === undefined ? null : addressOf(url),
      webhookSecret: environment.STRIPE_WEBHOOK_SECRET ?? null,
      eventSecret: environment.STRIPE_EVENT_SECRET ?? null,
      timeoutMs: environment.STRIPE_TIMEOUT_MS,
      callsPerSecond: environment.STRIPE_CALLS_PER_SECOND,
      meterEventsPerSecond: environment.STRIPE_METER_EVENTS_PER_SECOND ?? published[place].meterEvents,
      streamEventsPerSecond: environment.STRIPE_STREAM_EVENTS_PER_SECOND ?? published[place].streamEvents,
      readsPerMonth: environment.STRIPE_READS_PER_MONTH,
      webhookBodyLimitBytes: environment.STRIPE_WEBHOOK_BODY_LIMIT_BYTES,
      webhookRetentionDays: environment.STRIPE_WEBHOOK_RETENTION_DAYS,
      catchUpEveryMs: environment.STRIPE_CATCH_UP_EVERY_MS,
    },
  };
}

function faultsWithoutKey(environment: StripeEnvironment): string[] {
  const names = ["STRIPE_API_URL", "STRIPE_WEBHOOK_SECRET", "STRIPE_EVENT_SECRET"] as const;
  return names
    .filter((name) => environment[name] !== undefined)
    .map((name) => `${name}: is set and STRIPE_API_KEY is not; set both or neither`);
}

function addressOf(url: string): StripeSettings["api"] {
  const { hostname, port, protocol } = new URL(url);
  const isPlain = protocol === "http:";
  return {
    host: hostname,
    port: port === "" ? (isPlain ? 80 : 443) : Number(port),
    protocol: isPlain ? "http" : "https",
  };
}
