import type { JobPlan } from "./platform/jobs/index.ts";
import type { Container } from "./container.ts";
import { forgetOldCounters } from "./modules/limits/index.ts";

/** Days that sign-in keeps its counters of attempts. */
const rateLimitRetentionDays = 1;

/** How long one run freezes billing periods; the next one goes on. */
const freezeForMs = 45_000;

/** Every recurring job and its period, in words; nowhere else. */
export function jobPlan(container: Container): JobPlan {
  return {
    crontab: [
      // Every night at 03:17 UTC.
      "17 3 * * * forget_sign_in_attempts",
      // Every minute. A run ends within it, and one that was killed does not keep the next one waiting.
      "* * * * * freeze_periods",
      // Every night at 02:07 UTC.
      "7 2 * * * reconcile",
      // Every night at 03:27 UTC.
      "27 3 * * * forget_stripe_webhooks",
      // Every night at 04:27 UTC.
      "27 4 * * * forget_limit_counters",
      // Every five minutes.
      "*/5 * * * * save_stripe_reads",
    ].join("\n"),
    tasks: {
      async freeze_periods() {
        await freezePeriods(container);
      },
      async reconcile() {
        await container.closing.reconciliation.startScheduled();
      },
      async forget_stripe_webhooks() {
        const { config, stripe } = container;
        if (config.stripe !== null) await stripe.inbox?.forget(config.stripe.webhookRetentionDays);
      },
      async save_stripe_reads() {
        await container.stripe.gateway?.reads.save(container.database);
      },
      async forget_limit_counters() {
        await forgetOldCounters(container.database, container.clock.now());
      },
      async forget_sign_in_attempts() {
        const before = container.clock.now() - rateLimitRetentionDays * 86_400_000;
        for (const schema of ["auth_portal", "auth_admin"]) {
          await container.database.query(`DELETE FROM ${schema}."rateLimit" WHERE "lastRequest" < $1`, [before]);
        }
      },
    },
  };
}

async function freezePeriods({ closing, logger }: Container): Promise<void> {
  const frozen = await closing.freezer.freezeDue({
    until: performance.now() + freezeForMs,
    onFailure: (customerId, error) => logger.error({ err: error, customerId }, "a billing period could not be frozen"),
  });
  if (frozen > 0) logger.info({ frozen }, "froze billing periods");
}
