import { randomUUID } from "node:crypto";
import {
  type AlertRule,
  alertRuleWords,
  alertTargets,
  type EpochMs,
  formatDecimal,
  previewWords,
} from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Sql } from "../../platform/database/index.ts";
import { badUserInput, conflict, forbidden, invariant, mapMoney, notFound } from "../../platform/graphql/index.ts";
import { type BillingProfile, type MeterRow, type Meters, mapMeter, selectProfiles } from "../catalog/index.ts";
import type { PastAlerts } from "./alert-facts.ts";
import { MAX_RULES, upsertRule } from "./alert-rule.repository.ts";
import type { AlertRulePreview, AlertRuleType } from "./alert-rule.types.ts";
import { type RuleChange, type RuleTerms, readRule, readRuleChange, type WantedRule } from "./alert-rule-changes.ts";
import { type AlertLimits, type CustomerAlertRules, loadAlertRules } from "./alert-rules.ts";
import { markEvaluations } from "./raise-alerts.ts";

/** Past every wait between two forecasts. */
const longPastMs = 24 * 3_600_000;

/** What rules stand on. `onChanged` hears of a customer whose rules are other ones now, once that is committed. */
export type AlertRuleDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  meters: Meters;
  limits: AlertLimits;
  past: PastAlerts;
  onChanged(customerId: string): void;
};

/** A customer's rules: read, made, changed, snoozed. Whether the viewer may at all is decided before, by `authorize`. */
export class AlertRuleService {
  readonly #on: AlertRuleDependencies;

  constructor(on: AlertRuleDependencies) {
    this.#on = on;
  }

  /** The rules in force: derived ones first, in the plan's order. */
  async rules(viewer: Viewer, profile: BillingProfile): Promise<AlertRuleType[]> {
    const { rules } = await this.effective(viewer, profile);
    const meters = await this.#on.meters.all();
    return rules.map((rule) => mapAlertRule(rule, profile.customerId, meters));
  }

  /** The rules in force, and what they are measured against. */
  async effective(viewer: Viewer, profile: BillingProfile): Promise<CustomerAlertRules> {
    return readAs(this.#on.database, viewer, (sql) => this.#load(sql, profile));
  }

  /** Makes a rule. A member makes rules of its own customer, which staff see too. */
  async create(viewer: Viewer | null, customerId: string, wanted: WantedRule): Promise<AlertRuleType> {
    return this.#changing(viewer, customerId, "alert_rule.create", async (own, sql) => {
      const terms = readRule(wanted, own.profile.currency);
      const stored = own.rules.filter((rule) => rule.source !== "DEFAULT");
      if (stored.length >= MAX_RULES) throw conflict(`A customer has at most ${MAX_RULES} rules; delete one first.`);
      const source = viewer?.kind === "MEMBER" ? "MEMBER" : "STAFF";
      const rule: AlertRule = { ...terms, id: randomUUID(), source, enabled: true, snoozedUntil: null };
      await this.#write(sql, own, rule, viewer);
      return rule;
    });
  }

  /** Changes a rule. A derived one is stored under its own id from then on. */
  async update(viewer: Viewer | null, customerId: string, id: string, change: RuleChange): Promise<AlertRuleType> {
    return this.#changing(viewer, customerId, "alert_rule.update", async (own, sql) => {
      const before = ruleOf(own, id);
      refuseStaffRule(viewer, before);
      const terms = readRuleChange(before, change, own.profile.currency);
      const rule: AlertRule = { ...before, ...terms, enabled: change.enabled ?? before.enabled };
      await this.#write(sql, own, rule, viewer);
      return rule;
    });
  }

  /** Takes a rule away; a derived one that was changed is again as it follows from plan and limits. */
  async remove(viewer: Viewer | null, customerId: string, id: string): Promise<AlertRuleType> {
    return this.#changing(viewer, customerId, "alert_rule.delete", async (own, sql) => {
      const rule = ruleOf(own, id);
      refuseStaffRule(viewer, rule);
      await sql.query("DELETE FROM alert_rule WHERE customer_id = $1 AND id = $2", [customerId, id]);
      return rule;
    });
  }

  /** Keeps a rule from being told until an instant; null ends that. What it would have told of is kept all the same. */
  async snooze(viewer: Viewer | null, customerId: string, id: string, until: EpochMs | null): Promise<AlertRuleType> {
    checkSnooze(until, this.#on.clock.now());
    return this.#changing(viewer, customerId, "alert_rule.snooze", async (own, sql) => {
      const rule: AlertRule = { ...ruleOf(own, id), snoozedUntil: until };
      await this.#write(sql, own, rule, viewer);
      return rule;
    });
  }

  /** What a rule would do, in words, and when it would have fired in the billing period before this one. */
  async preview(viewer: Viewer, profile: BillingProfile, wanted: WantedRule): Promise<AlertRulePreview> {
    const meters = await this.#on.meters.all();
    const own = await this.effective(viewer, profile);
    const terms = checkedAgainst(readRule(wanted, profile.currency), own, meters);
    const rule: AlertRule = { ...terms, id: randomUUID(), source: "MEMBER", enabled: true, snoozedUntil: null };
    const meter = meters.find((one) => one.definition.key === rule.meterKey) ?? null;
    const targets = alertTargets([rule], own);
    const past = await this.#on.past.firedAt(profile, { rule, targets });
    return {
      words: alertRuleWords(rule, meter?.definition ?? null),
      firedAt: past.firedAt.map((at) => new Date(at)),
      periodStart: past.period === null ? null : new Date(past.period.startAt),
      periodEnd: past.period === null ? null : new Date(past.period.endAt),
      pastWords: past.reason ?? previewWords(past.firedAt, profile.timeZone, "the last billing period"),
    };
  }

  async #load(sql: Sql, profile: BillingProfile): Promise<CustomerAlertRules> {
    const { meters, limits, clock } = this.#on;
    const [own] = await loadAlertRules(sql, {
      profiles: [profile],
      meters: await meters.all(),
      at: clock.now(),
      limits,
    });
    invariant(own, "one answer a profile");
    return own;
  }

  async #write(sql: Sql, own: CustomerAlertRules, rule: AlertRule, viewer: Viewer | null): Promise<void> {
    const meters = await this.#on.meters.all();
    checkedAgainst(rule, own, meters);
    const meterId = meters.find((meter) => meter.definition.key === rule.meterKey)?.id ?? null;
    const { customerId } = own.profile;
    await upsertRule(sql, { customerId, rule, meterId, actor: actorText(viewer), now: this.#on.clock.now() });
  }

  /** A change of rules, its trail, and the evaluation that it asks for: all or nothing. */
  async #changing(
    viewer: Viewer | null,
    customerId: string,
    action: string,
    change: (own: CustomerAlertRules, sql: Sql) => Promise<AlertRule>,
  ): Promise<AlertRuleType> {
    if (!isUuid(customerId)) throw notFound("There is no such customer.", "customerId");
    const { database, clock, audit, meters } = this.#on;
    const rule = await database.transaction(async (transaction) => {
      await refuseViewer(transaction, viewer);
      // One change at a time of a customer, so that the bound on rules holds.
      await transaction.query("SELECT FROM customer WHERE id = $1 FOR NO KEY UPDATE", [customerId]);
      const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
      if (profile === undefined) throw notFound("There is no such customer.", "customerId");
      const changed = await change(await this.#load(transaction, profile), transaction);
      await markEvaluations(transaction, [{ customerId, dueAt: clock.now() }]);
      // What it is expected to come to is looked at now too, and not when it is next due. No empty field: an evaluation
      // that is under way could not tell it from the empty one that it began with.
      await transaction.query("UPDATE alert_evaluation SET forecast_at = $2 WHERE customer_id = $1", [
        customerId,
        new Date(clock.now() - longPastMs),
      ]);
      const subject = `customer:${customerId}`;
      await audit.write(transaction, { actor: actorText(viewer), action, subject, detail: { ruleId: changed.id } });
      return changed;
    });
    this.#on.onChanged(customerId);
    return mapAlertRule(rule, customerId, await meters.all());
  }
}

/** Only an owner of a customer changes what it is told of; a VIEWER looks. */
export async function refuseViewer(sql: Sql, viewer: Viewer | null): Promise<void> {
  if (viewer?.kind !== "MEMBER") return;
  const [member] = await sql.query<{ role: string }>(
    "SELECT role FROM member WHERE customer_id = $1 AND user_id = $2",
    [viewer.customerId, viewer.userId],
  );
  if (member?.role !== "OWNER") throw forbidden("Only an owner may change alerts; you may look at them.");
}

/** Who did it, for the trail. */
export const actorText = (viewer: Viewer | null): string => (viewer === null ? "system" : actorOf(viewer));

/** A snooze has an end, within a year. */
export function checkSnooze(until: EpochMs | null, now: EpochMs): void {
  if (until !== null && (until <= now || until > now + 366 * 86_400_000))
    throw badUserInput("until must lie ahead, within a year.", "until");
}

function ruleOf(own: CustomerAlertRules, id: string): AlertRule {
  const rule = own.rules.find((one) => one.id === id);
  if (rule === undefined) throw notFound("There is no such alert rule.", "id");
  return rule;
}

function refuseStaffRule(viewer: Viewer | null, rule: AlertRule): void {
  if (viewer?.kind === "MEMBER" && rule.source === "STAFF")
    throw forbidden("This alert was set for you by your provider. You may snooze it; ask them to change it.");
}

function checkedAgainst(terms: RuleTerms, own: CustomerAlertRules, meters: readonly MeterRow[]): RuleTerms {
  if (terms.meterKey !== null && !meters.some((meter) => meter.definition.key === terms.meterKey))
    throw notFound(`There is no meter with the key "${terms.meterKey}".`, "meterKey");
  if (terms.basis === "LIMIT" && !own.limits.some((limit) => limit.id === terms.limitId))
    throw notFound("The customer has no such limit.", "limitId");
  return terms;
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
