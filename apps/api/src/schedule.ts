import type { JobPlan } from "./platform/jobs/index.ts";
import type { Container } from "./container.ts";

/** Days that sign-in keeps its counters of attempts. */
const rateLimitRetentionDays = 1;

/** Every recurring job and its period, in words; nowhere else. */
export function jobPlan(container: Container): JobPlan {
  return {
    crontab: [
      // Every night at 03:17 UTC.
      "17 3 * * * forget_sign_in_attempts",
    ].join("\n"),
    tasks: {
      async forget_sign_in_attempts() {
        const before = container.clock.now() - rateLimitRetentionDays * 86_400_000;
        for (const schema of ["auth_portal", "auth_admin"]) {
          await container.database.query(`DELETE FROM ${schema}."rateLimit" WHERE "lastRequest" < $1`, [before]);
        }
      },
    },
  };
}
