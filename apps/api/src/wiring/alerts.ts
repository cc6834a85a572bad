import {
  AlertQueryService,
  AlertResolver,
  AlertRuleResolver,
  AlertRuleService,
  type LimitsInForce,
} from "../modules/alerts/index.ts";
import type { BillingProfiles, Meters } from "../modules/catalog/index.ts";
import { AlertDeliveryResolver } from "../modules/deliveries/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";

/** What alerts are made from. */
export type AlertParts = { database: Database; clock: Clock; profiles: BillingProfiles; meters: Meters };

/** The resolver classes of alerts and their deliveries. */
export const alertResolverClasses = [AlertResolver, AlertRuleResolver, AlertDeliveryResolver];

/** Makes alerts: rules, the alerts themselves, and their deliveries. */
export function wireAlerts({ database, clock, profiles, meters }: AlertParts) {
  // TODO goes when modules/limits exports its limits in force.
  const limitsInForce: LimitsInForce = async () => new Map();
  const alerts = new AlertQueryService({ database, meters });
  const rules = new AlertRuleService({ database, clock, meters, limitsInForce });
  const resolvers: [unknown, unknown][] = [
    [AlertResolver, new AlertResolver({ alerts, profiles })],
    [AlertRuleResolver, new AlertRuleResolver({ rules, profiles })],
    [AlertDeliveryResolver, new AlertDeliveryResolver({ database })],
  ];
  return { alerts, rules, resolvers };
}
