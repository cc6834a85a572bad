import { type EpochMs, faultsOfLimit } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { conflict, invariant } from "../../platform/graphql/index.ts";
import { type Meters, selectProfiles } from "../catalog/index.ts";

/**
 * Refuses a change of plan under which a hard limit of the customer's own, on money, could no longer be held exactly:
 * it would silently become a soft one. Run in the transaction of the change, after it was made.
 */
export async function refuseUnheldAmounts(
  sql: Sql,
  of: { customerId: string; meters: Meters; now: EpochMs },
): Promise<void> {
  const [profile] = await selectProfiles(sql, { ids: [of.customerId], externalIds: [] });
  invariant(profile, `customer ${of.customerId} is there`);
  const amounts = profile.limits.filter(
    ({ definition, endsAt }) =>
      definition.policy === "HARD" && definition.amount !== undefined && (endsAt === null || endsAt > of.now),
  );
  if (amounts.length === 0) return;
  const meters = new Map((await of.meters.all()).map((meter) => [meter.definition.key, meter.definition]));
  for (const { plan, endsAt } of profile.subscriptions) {
    if (endsAt !== null && endsAt <= of.now) continue;
    for (const { id, definition } of amounts) {
      const [fault] = faultsOfLimit(definition, { meters, rateCards: plan.rateCards });
      if (fault === undefined) continue;
      throw conflict(
        `The customer's hard limit ${id} of ${definition.amount} ${profile.currency} cannot be held on the plan "${plan.key}": ` +
          `its policy ${fault.message}. End or change the limit first.`,
        "planKey",
      );
    }
  }
}
