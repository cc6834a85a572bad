import { Counter } from "prom-client";
import { type Config, ConfigError } from "../config.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";
import type { Logger, Metrics } from "../platform/observability/index.ts";
import { claimStripePlace, StripeGateway } from "../platform/stripe/index.ts";

/** What the Stripe parts stand on. */
export type StripeBase = { config: Config; clock: Clock; logger: Logger; metrics: Metrics; database: Database };

/** The parts that speak to Stripe; without a key there is no gateway, and nothing is told to Stripe. */
export function wireStripe({ config, clock, metrics }: StripeBase) {
  const requests = new Counter({
    name: "meterline_stripe_requests_total",
    help: "Calls to Stripe by their answer; status 0 is none.",
    labelNames: ["method", "status"],
    registers: [metrics.registry],
  });
  const observe = ({ method, status }: { method: string; status: number }) => requests.inc({ method, status });
  const gateway = config.stripe === null ? null : new StripeGateway(config.stripe, { clock, observe });
  return { gateway };
}

/** Stops the start where the configured key belongs to another place than what this database is linked to. */
export async function requireStripePlace({ config, database, clock }: StripeBase): Promise<void> {
  if (config.stripe === null) return;
  const fault = await claimStripePlace(database, config.stripe.place, clock.now());
  if (fault !== null) throw new ConfigError([fault]);
}
