import type { TimeScope } from "../core/time.ts";
import type { World } from "../core/world.ts";
import type { Call } from "../http/route.ts";
import { ApiError } from "../wire/errors.ts";

/**
 * Objects of a test clock cannot be changed while it advances, and that is when their webhooks arrive: Stripe answers
 * 429 with this text (seen in public integrations; neither its code nor whether it may be retried is published, so
 * there is no code and no `Stripe-Should-Retry`). Meter events name their customer only in the payload and are taken.
 */
export function refuseWhileAdvancing(world: World, call: Call): void {
  const scope = scopeOf(world, call);
  const clock = scope === null ? undefined : world.state.testClocks.get(scope);
  if (!clock || clock.targetMs === null) return;
  throw new ApiError(429, {
    type: "invalid_request_error",
    message: `Test clock advancement underway - cannot perform modifications: ${clock.id}`,
  });
}

/** The clock of the object that a call changes, or of the one that it adds to. */
function scopeOf(world: World, call: Call): TimeScope {
  const { state } = world;
  const named = [call.path["id"], call.params["customer"], call.params["subscription"], call.params["invoice"]];
  for (const id of named) {
    if (typeof id !== "string") continue;
    const subscription = state.items.get(id)?.subscription ?? id;
    const owner = (state.invoiceItems.get(id) ?? state.creditGrants.get(id))?.customer ?? id;
    const row = state.customers.get(owner) ?? state.subscriptions.get(subscription) ?? state.invoices.get(id);
    if (row && row.testClock !== null) return row.testClock;
  }
  return null;
}
