import type { OurMeter, OurPlanVersion, StoredLinks, StripeChange, TheirCatalog } from "./stripe-changes.ts";
import { planMeterChange } from "./stripe-meter-difference.ts";
import { planPlanChange } from "./stripe-plan-difference.ts";

/**
 * Compares our catalog with the account. Pure: reading and doing are elsewhere. What is there under our names and fits is
 * adopted; what does not fit is replaced where it is a price, and refused where it is a meter, which nobody can change.
 */
export function planStripeChange(
  ours: { meters: readonly OurMeter[]; plans: readonly OurPlanVersion[] },
  stored: StoredLinks,
  theirs: TheirCatalog,
): StripeChange[] {
  const changes: StripeChange[] = [];
  const stripeMeterIds = new Map<string, string | "NEW" | null>();
  for (const meter of ours.meters) {
    const planned = planMeterChange(meter, stored, theirs);
    stripeMeterIds.set(meter.definition.key, planned.stripeMeterId);
    changes.push(...planned.changes);
  }
  const names = new Map(ours.meters.map((meter) => [meter.definition.key, meter.definition.name]));
  const productsSeen = new Set<string>();
  for (const plan of ours.plans) {
    changes.push(...planPlanChange(plan, { stored, theirs, stripeMeterIds, names, productsSeen }));
  }
  return changes;
}
