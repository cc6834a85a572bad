import {
  type AlertLimit,
  type AlertRule,
  customerPeriodAt,
  decimal,
  derivedAlertRules,
  type EpochMs,
  effectiveAlertRules,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { BillingProfile, MeterRow } from "../catalog/index.ts";
import {
  derivedRuleId,
  selectAlertSettings,
  selectRules,
  type StoredAlertSettings,
  unsetAlertSettings,
} from "./alert-rule.repository.ts";

/** The limits that are in force for customers at an instant, by customer. The limits module answers it. */
export type LimitsInForce = (
  sql: Sql,
  profiles: readonly BillingProfile[],
  at: EpochMs,
) => Promise<ReadonlyMap<string, readonly AlertLimit[]>>;

/** A customer's rules in force, and what they are measured against. */
export type CustomerAlertRules = {
  profile: BillingProfile;
  rules: AlertRule[];
  limits: readonly AlertLimit[];
  settings: StoredAlertSettings;
};

/** The rules of customers as they are at `at`: those stored, and those that follow from plan and limits. */
export async function loadAlertRules(
  sql: Sql,
  of: { profiles: readonly BillingProfile[]; meters: readonly MeterRow[]; at: EpochMs; limitsInForce: LimitsInForce },
): Promise<CustomerAlertRules[]> {
  const customerIds = of.profiles.map((profile) => profile.customerId);
  const stored = await selectRules(sql, customerIds, of.meters);
  const settings = await selectAlertSettings(sql, customerIds);
  const limits = await of.limitsInForce(sql, of.profiles, of.at);
  return of.profiles.map((profile) => {
    const own = settings.get(profile.customerId) ?? unsetAlertSettings;
    const inForce = limits.get(profile.customerId) ?? [];
    const plan = customerPeriodAt(profile.subscriptions, of.at).term?.plan ?? null;
    const percents = own.percents?.map((percent) => decimal(percent)) ?? null;
    const derived = derivedAlertRules(plan, inForce, { percents, forecast: own.forecast }).map(
      ({ name, rule }): AlertRule => ({ ...rule, id: derivedRuleId(profile.customerId, name) }),
    );
    const rules = effectiveAlertRules(derived, stored.get(profile.customerId) ?? []);
    return { profile, rules, limits: inForce, settings: own };
  });
}
