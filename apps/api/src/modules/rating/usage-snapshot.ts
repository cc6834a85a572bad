import { createHash } from "node:crypto";
import type { Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { BillingProfiles } from "../catalog/index.ts";
import { type CustomerService, mapCustomer } from "../customers/index.ts";
import type { ReadUsage } from "../live/index.ts";
import { mapConsumption } from "./consumption.mapping.ts";
import type { ConsumptionService } from "./consumption.service.ts";

type Parts = { consumption: ConsumptionService; customers: CustomerService; profiles: BillingProfiles; clock: Clock };

/** Reads what live updates push: the bill of the open period, by the same computation as the query. */
export function usageReader({ consumption, customers, profiles, clock }: Parts): ReadUsage {
  return async (customerId) => {
    const [profile] = await profiles.find([{ customerId, externalCustomerId: null }]);
    if (!profile) return null;
    // Whoever watches, what is shared among them is read through the customer's own wall.
    const viewer: Viewer = { kind: "MEMBER", userId: "live", name: "", email: "", customerId };
    const view = await consumption.consumption(viewer, profile, clock.now());
    const customer = await customers.find(viewer, { id: customerId, externalId: null });
    if (customer === null) return null;
    const shown = mapConsumption(view, mapCustomer(customer));
    return {
      customerId,
      consumption: shown,
      fingerprint: fingerprintOf(shown),
      periodEndAt: view.period.window.endAt,
      movesByItself: shown.lines.some((line) => line.meter.aggregation === "WEIGHTED_SUM"),
    };
  };
}

/** Of everything but when it was read. */
function fingerprintOf(shown: ReturnType<typeof mapConsumption>): string {
  return createHash("sha256")
    .update(JSON.stringify({ ...shown, completeThrough: 0 }))
    .digest("base64");
}
