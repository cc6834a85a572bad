import { type AlertRule, alertRuleWords, formatDecimal } from "@meterline/billing-domain";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { invariant, mapMoney } from "../../platform/graphql/index.ts";
import { type BillingProfile, type MeterRow, type Meters, mapMeter } from "../catalog/index.ts";
import type { AlertRuleType } from "./alert-rule.types.ts";
import { loadAlertRules, type LimitsInForce } from "./alert-rules.ts";

/** What rules stand on. */
export type AlertRuleDependencies = { database: Database; clock: Clock; meters: Meters; limitsInForce: LimitsInForce };

/** A customer's rules, for screens. */
export class AlertRuleService {
  readonly #on: AlertRuleDependencies;

  constructor(on: AlertRuleDependencies) {
    this.#on = on;
  }

  /** The rules in force: derived ones first, in the plan's order. */
  async rules(viewer: Viewer, profile: BillingProfile): Promise<AlertRuleType[]> {
    const meters = await this.#on.meters.all();
    const { limitsInForce, clock } = this.#on;
    const [own] = await readAs(this.#on.database, viewer, (sql) =>
      loadAlertRules(sql, { profiles: [profile], meters, at: clock.now(), limitsInForce }),
    );
    invariant(own, "one answer a profile");
    return own.rules.map((rule) => mapAlertRule(rule, profile.customerId, meters));
  }
}

/** A rule as the API shows it. */
export function mapAlertRule(rule: AlertRule, customerId: string, meters: readonly MeterRow[]): AlertRuleType {
  const meter = rule.meterKey === null ? undefined : meters.find((one) => one.definition.key === rule.meterKey);
  const { id, kind, basis, meterKey, limitId, name, source, enabled, snoozedUntil } = rule;
  return {
    id,
    customerId,
    kind,
    basis,
    meterKey,
    meter: meter === undefined ? null : mapMeter(meter),
    limitId,
    percents: rule.percents.map(formatDecimal),
    quantity: rule.quantity === null ? null : formatDecimal(rule.quantity),
    amount: rule.amount === null ? null : mapMoney(rule.amount),
    name,
    source,
    channels: [...rule.channels],
    enabled,
    snoozedUntil,
    words: alertRuleWords(rule, meter?.definition ?? null),
  };
}
