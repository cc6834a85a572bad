import type { Container } from "../container.ts";
import { demoCustomers } from "./demo-customers.ts";

/** One call applies 200 changes; the demo's catalog needs far fewer. */
const mostCalls = 10;

/**
 * Brings the demo's catalog to Stripe and links its customers, whose subscriptions the worker then makes. Never in live
 * mode, where demo data has no place. Stripe may be away: the start goes on, and the next one does it.
 */
export async function linkDemoToStripe({ stripe, profiles, logger }: Container): Promise<void> {
  if (stripe.gateway === null || stripe.gateway.place === "LIVE") return;
  try {
    for (let call = 0; call < mostCalls; call += 1) {
      const { applied, left } = await stripe.catalog.apply(null, (await stripe.catalog.difference()).digest);
      if (applied.length > 0) logger.info({ applied: applied.length }, "brought the catalog to Stripe");
      if (left === 0) break;
    }
    const refs = demoCustomers.map(({ externalId }) => ({ customerId: null, externalCustomerId: externalId }));
    for (const profile of await profiles.find(refs)) {
      if (profile === null) continue;
      await stripe.customers.link(null, { customerId: profile.customerId, stripeCustomerId: null });
    }
  } catch (error) {
    logger.warn({ err: error }, "the demo could not be linked to Stripe; the next start tries again");
  }
}
