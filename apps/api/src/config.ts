import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { LiveSettings } from "./platform/live/live-settings.ts";
import { type StripeSettings, stripeSettingsOf } from "./platform/stripe/stripe-settings.ts";

// Source and bundle lie one folder below apps/api, so that both find the same files.
const apiDirectory = resolve(import.meta.dirname, "..");
const repositoryDirectory = resolve(apiDirectory, "../..");

const count = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
};
/** A new live connection says who it is at once. */
const liveInitTimeoutMs = 5_000;
const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");
const path = z
  .string()
  .min(1)
  .transform((text) => resolve(repositoryDirectory, text));

/** Every variable with its bounds and default. `.env.example` says the same; a test compares the two. */
export const environmentSchema = z.object({
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: count(1, 65_535).default(4400),
  PUBLIC_URL: z.url({ protocol: /^https?$/, message: "must be an http:// or https:// URL" }).optional(),
  TRUST_PROXY: flag.default(false),
  RUN_API: flag.default(true),
  RUN_WORKER: flag.default(true),
  WORKER_CONCURRENCY: count(1, 100).default(4),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgres:// URL"),
  DATABASE_POOL_SIZE: count(2, 500).default(20),
  DATABASE_STATEMENT_TIMEOUT_MS: count(100, 600_000).default(15_000),
  DATABASE_CONNECT_TIMEOUT_MS: count(100, 60_000).default(5_000),
  BODY_LIMIT_BYTES: count(1_024, 67_108_864).default(8_388_608),
  API_KEY_CACHE_MS: count(0, 10_000).default(10_000),
  LIVE_MAX_CONNECTIONS: count(1, 100_000).default(20_000),
  LIVE_MAX_CONNECTIONS_PER_PERSON: count(1, 1_000).default(20),
  LIVE_MAX_CONNECTIONS_PER_KEY: count(1, 100_000).default(2_000),
  LIVE_MAX_SUBSCRIPTIONS: count(1, 1_000).default(50),
  LIVE_MAX_MESSAGE_BYTES: count(1_024, 1_048_576).default(65_536),
  LIVE_MAX_BUFFERED_BYTES: count(1_024, 67_108_864).default(1_048_576),
  LIVE_SLOW_READER_MS: count(100, 600_000).default(10_000),
  LIVE_PING_EVERY_MS: count(100, 600_000).default(25_000),
  LIVE_RECHECK_EVERY_MS: count(100, 600_000).default(5_000),
  LIVE_POLL_EVERY_MS: count(100, 600_000).default(15_000),
  SHUTDOWN_GRACE_MS: count(0, 600_000).default(10_000),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/\S+$/, "must be an smtp:// or smtps:// URL")
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>\n]{0,200}<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      "must be an address, alone or as Name <address>",
    )
    .max(320)
    .default("Meterline <alerts@meterline.example>"),
  MAIL_TIMEOUT_MS: count(100, 120_000).default(20_000),
  MAILBOX: flag.default(false),
  WEBHOOK_TIMEOUT_MS: count(100, 60_000).default(10_000),
  WEBHOOK_ALLOW_LOOPBACK: flag.default(false),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  AUTH_SECRET: z.string().min(32, "must be at least 32 characters").optional(),
  STATE_DIR: path.prefault(".meterline"),
  CATALOG_FILE: path.prefault("catalog.yaml"),
  PORTAL_DIR: path.prefault("apps/portal/dist"),
  ADMIN_DIR: path.prefault("apps/admin/dist"),
  SEED_DEMO: flag.default(false),
  DEMO_TRAFFIC: flag.default(false),
  FIRST_STAFF_EMAIL: z.email().optional(),
  FIRST_STAFF_PASSWORD: z.string().min(12, "must be at least 12 characters").max(128).optional(),
  STRIPE_API_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\S+$/, "must be a secret or restricted key: sk_test_…, rk_live_…")
    .optional(),
  STRIPE_API_URL: z.url({ protocol: /^https?$/, message: "must be an http:// or https:// URL" }).optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\S+$/, "must be a signing secret: whsec_…")
    .optional(),
  STRIPE_EVENT_SECRET: z
    .string()
    .regex(/^whsec_\S+$/, "must be a signing secret: whsec_…")
    .optional(),
  STRIPE_TIMEOUT_MS: count(100, 120_000).default(20_000),
  STRIPE_CALLS_PER_SECOND: count(1, 10_000).default(20),
  STRIPE_METER_EVENTS_PER_SECOND: count(1, 100_000).optional(),
  STRIPE_STREAM_EVENTS_PER_SECOND: count(100, 200_000).optional(),
  STRIPE_READS_PER_MONTH: count(0, 1_000_000_000).default(10_000),
  STRIPE_WEBHOOK_BODY_LIMIT_BYTES: count(1_024, 8_388_608).default(1_048_576),
  STRIPE_WEBHOOK_RETENTION_DAYS: count(1, 3_650).default(90),
  STRIPE_CATCH_UP_EVERY_MS: count(10_000, 86_400_000).default(300_000),
  REPORT_EVERY_MS: count(100, 3_600_000).default(60_000),
  REPORTS_IN_MEMORY: count(100, 100_000).default(4_000),
  REPORT_CALLS_AT_ONCE: count(1, 1_000).default(200),
  REPORT_STREAM_CALLS_AT_ONCE: count(1, 100).default(8),
});

/** Settings, parsed and complete. */
export type Config = {
  http: {
    host: string;
    port: number;
    /** What people type: also the origin that sign-in accepts. No trailing slash. */
    publicUrl: string;
    trustProxy: boolean;
    bodyLimitBytes: number;
    shutdownGraceMs: number;
    portalDirectory: string;
    adminDirectory: string;
  };
  runApi: boolean;
  runWorker: boolean;
  workerConcurrency: number;
  database: {
    url: string;
    poolSize: number;
    statementTimeoutMs: number;
    connectTimeoutMs: number;
    migrationsDirectory: string;
  };
  auth: { secret: string | null; apiKeyCacheMs: number };
  /** Live updates; see platform/live/live-settings.ts. `pollEveryMs`: how often the tables are looked at unasked. */
  live: LiveSettings & { pollEveryMs: number };
  /** How people and systems are told of alerts. */
  telling: {
    /** Null: mail is kept in the mailbox where there is one, and else not sent. */
    smtp: { url: string; from: string; timeoutMs: number } | null;
    /** Shows what would have been sent at /mailbox, to anybody: for development. */
    mailbox: boolean;
    webhookTimeoutMs: number;
    /** Lets webhooks go to this machine itself, over plain http: for development. */
    webhookAllowLoopback: boolean;
  };
  logLevel: string;
  stateDirectory: string;
  instanceFile: string;
  catalogFile: string;
  seedDemo: boolean;
  /** Whether one of the demo's customers runs into its limit while one watches. */
  demoTraffic: boolean;
  /** Made at start while nobody is staff; null where not both are set. */
  firstStaff: { email: string; password: string } | null;
  /** Null: nothing is told to Stripe. */
  stripe: StripeSettings | null;
  /** How usage is told to Stripe: how often, and bounds of what is under way. */
  reporting: { flushEveryMs: number; window: number; concurrency: number; streamConcurrency: number };
};

/** Every faulty variable, each on its own line, so that one restart mends them all. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `Meterline cannot start with these settings:\n${faults.map((fault) => `  ${fault}`).join("\n")}\nSee .env.example.`,
    );
    this.name = "ConfigError";
    this.faults = faults;
  }
}

/** Parses settings; an empty variable counts as absent. Values are never repeated in a fault, since some are secret. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        return `${name}: ${given[name] === undefined ? "is not set, and has no default" : issue.message}`;
      }),
    );
  return configOf(parsed.data);
}

function configOf(settings: z.output<typeof environmentSchema>): Config {
  const stripe = stripeSettingsOf(settings);
  if (stripe.faults.length > 0) throw new ConfigError(stripe.faults);
  return {
    http: {
      host: settings.HOST,
      port: settings.PORT,
      publicUrl: (settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`).replace(/\/+$/, ""),
      trustProxy: settings.TRUST_PROXY,
      bodyLimitBytes: settings.BODY_LIMIT_BYTES,
      shutdownGraceMs: settings.SHUTDOWN_GRACE_MS,
      portalDirectory: settings.PORTAL_DIR,
      adminDirectory: settings.ADMIN_DIR,
    },
    runApi: settings.RUN_API,
    runWorker: settings.RUN_WORKER,
    workerConcurrency: settings.WORKER_CONCURRENCY,
    database: {
      url: settings.DATABASE_URL,
      poolSize: settings.DATABASE_POOL_SIZE,
      statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
      connectTimeoutMs: settings.DATABASE_CONNECT_TIMEOUT_MS,
      migrationsDirectory: join(apiDirectory, "sql/migrations"),
    },
    auth: { secret: settings.AUTH_SECRET ?? null, apiKeyCacheMs: settings.API_KEY_CACHE_MS },
    live: {
      maxConnections: settings.LIVE_MAX_CONNECTIONS,
      maxConnectionsPerPerson: settings.LIVE_MAX_CONNECTIONS_PER_PERSON,
      maxConnectionsPerKey: settings.LIVE_MAX_CONNECTIONS_PER_KEY,
      maxSubscriptions: settings.LIVE_MAX_SUBSCRIPTIONS,
      maxMessageBytes: settings.LIVE_MAX_MESSAGE_BYTES,
      maxBufferedBytes: settings.LIVE_MAX_BUFFERED_BYTES,
      slowReaderMs: settings.LIVE_SLOW_READER_MS,
      pingEveryMs: settings.LIVE_PING_EVERY_MS,
      recheckEveryMs: settings.LIVE_RECHECK_EVERY_MS,
      pollEveryMs: settings.LIVE_POLL_EVERY_MS,
      initTimeoutMs: liveInitTimeoutMs,
    },
    telling: {
      smtp:
        settings.SMTP_URL === undefined
          ? null
          : { url: settings.SMTP_URL, from: settings.MAIL_FROM, timeoutMs: settings.MAIL_TIMEOUT_MS },
      mailbox: settings.MAILBOX,
      webhookTimeoutMs: settings.WEBHOOK_TIMEOUT_MS,
      webhookAllowLoopback: settings.WEBHOOK_ALLOW_LOOPBACK,
    },
    logLevel: settings.LOG_LEVEL,
    stateDirectory: settings.STATE_DIR,
    instanceFile: join(settings.STATE_DIR, "instance.json"),
    catalogFile: settings.CATALOG_FILE,
    seedDemo: settings.SEED_DEMO,
    demoTraffic: settings.DEMO_TRAFFIC,
    firstStaff: firstStaffOf(settings.FIRST_STAFF_EMAIL, settings.FIRST_STAFF_PASSWORD),
    stripe: stripe.settings,
    reporting: {
      flushEveryMs: settings.REPORT_EVERY_MS,
      window: settings.REPORTS_IN_MEMORY,
      concurrency: settings.REPORT_CALLS_AT_ONCE,
      streamConcurrency: settings.REPORT_STREAM_CALLS_AT_ONCE,
    },
  };
}

/** The settings of a process that only works: the same, and it serves nothing. */
export function readWorkerConfig(): Config {
  return readConfig({ ...process.env, RUN_API: "false" });
}

function firstStaffOf(email: string | undefined, password: string | undefined): Config["firstStaff"] {
  return email === undefined || password === undefined ? null : { email, password };
}

/** What the command-line tools read: where the running API is, when the environment says so. */
export function readClientConfig(environment: Readonly<Record<string, string | undefined>> = process.env): {
  url: string | null;
  apiKey: string | null;
  instanceFile: string;
  /** Paths on a command line are meant from where the person stands, which the bootstrap passes on. */
  workingDirectory: string;
} {
  return {
    url: environment["METERLINE_URL"]?.replace(/\/+$/, "") || null,
    apiKey: environment["METERLINE_API_KEY"] || null,
    instanceFile: join(resolve(repositoryDirectory, environment["STATE_DIR"] || ".meterline"), "instance.json"),
    workingDirectory: environment["INIT_CWD"] || process.cwd(),
  };
}

/** What `npm start` keeps of the sandbox that it runs; see tools/stack/sandbox-webhooks.mjs. */
type KeptSandbox = { sandboxUrl: string; target: string; secrets: { webhook: string; event: string } };

/** What the doctor reads: the settings of Stripe, or where there are none, of the sandbox that `npm start` runs. */
export function readDoctorConfig(environment: Readonly<Record<string, string | undefined>> = process.env): {
  settings: StripeSettings;
  publicUrl: string;
  stateDirectory: string;
} {
  const stateDirectory = resolve(repositoryDirectory, environment["STATE_DIR"] || ".meterline");
  const kept = environment["STRIPE_API_KEY"] ? null : readKeptSandbox(join(stateDirectory, "stripe-sandbox.json"));
  const sandbox =
    kept === null
      ? {}
      : {
          STRIPE_API_KEY: "sk_test_sandbox",
          STRIPE_API_URL: kept.sandboxUrl,
          STRIPE_WEBHOOK_SECRET: kept.secrets.webhook,
          STRIPE_EVENT_SECRET: kept.secrets.event,
          PUBLIC_URL: new URL(kept.target).origin,
        };
  // The doctor opens no database; the rest of the settings is checked all the same.
  const { stripe, http } = readConfig({ DATABASE_URL: "postgres://unused", ...environment, ...sandbox });
  if (stripe === null)
    throw new ConfigError([
      "STRIPE_API_KEY: is not set, and no sandbox runs; set the key of a test account, or run npm start first",
    ]);
  return { settings: stripe, publicUrl: http.publicUrl, stateDirectory };
}

function readKeptSandbox(file: string): KeptSandbox | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as KeptSandbox) : null;
}
