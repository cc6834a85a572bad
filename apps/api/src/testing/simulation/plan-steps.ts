import { customerPeriodAt } from "@meterline/billing-domain";
import { CallerError } from "../../platform/graphql/index.ts";
import type { PlanKey } from "./simulation-catalog.ts";
import { termsOf, type World } from "./world.ts";

const minuteMs = 60_000;

/** Moves a customer to another plan: at the end of the running period, or with the next whole minute. */
export async function changePlan(
  world: World,
  of: { customer: number; planKey: PlanKey; atPeriodEnd: boolean },
): Promise<void> {
  const customer = world.customers[of.customer];
  if (customer === undefined) return;
  const now = world.time.ours.now();
  const terms = await termsOf(world, customer);
  const { term, window } = customerPeriodAt(terms, now);
  // A change that was decided already comes first.
  if (term === null || terms.some((one) => one.startsAt > now) || term.endsAt !== null) return;
  const at = of.atPeriodEnd ? window.endAt : (Math.floor(now / minuteMs) + 1) * minuteMs;
  if (at <= term.startsAt) return;
  const ref = { customerId: customer.id, externalCustomerId: null };
  const wanted = { planKey: of.planKey, startsAt: at, anchorAt: at };
  try {
    await world.process.untilAnswered(
      async ({ subscriptions }) => {
        await subscriptions.end(null, term.id, at);
        await subscriptions.create(null, ref, wanted);
      },
      (death) => world.trace.say(`  ${death.message}; the caller asks again`),
    );
    world.trace.say(`customer-${of.customer} is on ${of.planKey} from ${new Date(at).toISOString()}`);
  } catch (error) {
    // A refusal is an answer: nothing has changed, and nothing may have.
    if (!(error instanceof CallerError)) throw error;
    world.trace.say(`customer-${of.customer} stays on its plan: ${error.message}`);
  }
}
