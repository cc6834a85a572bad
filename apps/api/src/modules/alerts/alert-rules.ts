import {
  type AlertLimit,
  type AlertRule,
  customerPeriodAt,
  type Decimal,
  decimal,
  derivedAlertRules,
  type EpochMs,
  effectiveAlertRules,
  type PlanDefinition,
  type Window,
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

/** Where a customer stands at a limit, in the window that holds now. */
export type AlertLimitStanding = { limit: AlertLimit; used: Decimal; window: Window };

/** What alerts ask of limits. */
export type AlertLimits = {
  /** The limits that hold for a customer at an instant. */
  inForce(profile: BillingProfile, at: EpochMs): readonly AlertLimit[];
  standings(sql: Sql, profile: BillingProfile, at: EpochMs): Promise<readonly AlertLimitStanding[]>;
};

/** A customer's rules in force, and what they are measured against. */
export type CustomerAlertRules = {
  profile: BillingProfile;
  plan: PlanDefinition | null;
  rules: AlertRule[];
  limits: readonly AlertLimit[];
  settings: StoredAlertSettings;
};

/** The rules of customers as they are at `at`: those stored, and those that follow from plan and limits. */
export async function loadAlertRules(
  sql: Sql,
  of: { profiles: readonly BillingProfile[]; meters: readonly MeterRow[]; at: EpochMs; limits: AlertLimits },
): Promise<CustomerAlertRules[]> {
  const customerIds = of.profiles.map((profile) => profile.customerId);
  const stored = await selectRules(sql, customerIds, of.meters);
  const settings = await selectAlertSettings(sql, customerIds);
  return of.profiles.map((profile) => {
    const own = settings.get(profile.customerId) ?? unsetAlertSettings;
    const limits = of.limits.inForce(profile, of.at);
    const plan = customerPeriodAt(profile.subscriptions, of.at).term?.plan ?? null;
    const percents = own.percents?.map((percent) => decimal(percent)) ?? null;
    const derived = derivedAlertRules(plan, limits, { percents, forecast: own.forecast }).map(
      ({ name, rule }): AlertRule => ({ ...rule, id: derivedRuleId(profile.customerId, name) }),
    );
    const rules = effectiveAlertRules(derived, stored.get(profile.customerId) ?? []);
    return { profile, plan, rules, limits, settings: own };
  });
}
