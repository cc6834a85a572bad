import type { World } from "./world.ts";

/** Brings our catalog to Stripe. */
export async function bringCatalog({ process }: World): Promise<void> {
  const done = await process.step(async ({ stripe }) => {
    const { digest } = await stripe.catalog.difference();
    return stripe.catalog.apply(null, digest);
  });
  if (done.died !== null || done.answer.left > 0) throw new Error("the catalog is at Stripe");
}

/** Has a customer billed by Stripe; on a test clock of its own where the schedule says so. */
export async function linkCustomer(
  world: World,
  customerId: string,
): Promise<{ stripeId: string; testClock: string | null }> {
  const { stripe, schedule, process } = world;
  const api = stripe.staff.stripe;
  const clock = schedule.testClocks
    ? await api.testHelpers.testClocks.create({ frozen_time: schedule.startAt / 1_000 })
    : null;
  // Only somebody at Stripe puts a customer on a test clock; one without is made by us.
  const adopted = clock === null ? null : await api.customers.create({ test_clock: clock.id });
  const linked = await process.step(async (container) => {
    const { customers, sync } = container.stripe;
    await customers.link(null, { customerId, stripeCustomerId: adopted?.id ?? null });
    await sync?.work.drain();
    return customers.standing(customerId);
  });
  if (linked.died !== null) throw linked.died;
  const { stripeCustomerId, link, sync } = linked.answer;
  if (stripeCustomerId === null || link?.subscriptions.length !== 1)
    throw new Error(`the customer is not at Stripe: ${JSON.stringify(sync)}`);
  return { stripeId: stripeCustomerId, testClock: clock?.id ?? null };
}
