import { createHash } from "node:crypto";
import {
  ALERT_CHANNELS,
  type AlertBasis,
  type AlertChannel,
  type AlertKind,
  type AlertRule,
  type AlertRuleSource,
  decimal,
  type EpochMs,
  formatDecimal,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { MeterRow } from "../catalog/index.ts";

/** Rules that one customer may have beside those derived from plan and limits. */
export const MAX_RULES = 200;

/** A customer's stored rules and settings, as alerts are evaluated by. */
export type StoredAlertSettings = {
  percents: string[] | null;
  forecast: boolean;
  quietFromMinute: number | null;
  quietToMinute: number | null;
  snoozedUntil: EpochMs | null;
};

/** What holds for a customer that never set anything. */
export const unsetAlertSettings: StoredAlertSettings = {
  percents: null,
  forecast: true,
  quietFromMinute: null,
  quietToMinute: null,
  snoozedUntil: null,
};

/** The id of a derived rule: the same in every process, and different for every customer. */
export function derivedRuleId(customerId: string, name: string): string {
  const digest = createHash("sha256").update(`alert rule\n${customerId}\n${name}`).digest("hex");
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ];
  return parts.join("-");
}

/** The stored rules of customers, by customer, oldest first. */
export async function selectRules(
  sql: Sql,
  customerIds: readonly string[],
  meters: readonly MeterRow[],
): Promise<Map<string, AlertRule[]>> {
  const rows = await sql.query<RuleRow>(
    `SELECT r.customer_id, r.id, r.kind, r.basis, r.meter_id, r.limit_id, r.percents::text[] AS percents, r.quantity, r.amount_minor, r.name,
       r.source, r.channels, r.enabled, r.snoozed_until, c.currency
     FROM alert_rule r JOIN customer c ON c.id = r.customer_id
     WHERE r.customer_id = ANY ($1::uuid[]) ORDER BY r.customer_id, r.created_at, r.id`,
    [customerIds],
    "select_alert_rules",
  );
  const byId = new Map(meters.map((meter) => [meter.id, meter.definition.key]));
  const rules = new Map<string, AlertRule[]>();
  for (const row of rows) {
    const own = rules.get(row.customer_id) ?? [];
    own.push(mapRule(row, byId));
    rules.set(row.customer_id, own);
  }
  return rules;
}

/** The settings of customers, by customer; those that never set anything are absent. */
export async function selectAlertSettings(
  sql: Sql,
  customerIds: readonly string[],
): Promise<Map<string, StoredAlertSettings>> {
  const rows = await sql.query<SettingsRow>(
    `SELECT customer_id, default_percents::text[] AS default_percents, default_forecast, quiet_from_minute, quiet_to_minute, snoozed_until
     FROM alert_settings WHERE customer_id = ANY ($1::uuid[])`,
    [customerIds],
    "select_alert_settings",
  );
  return new Map(
    rows.map((row) => [
      row.customer_id,
      {
        percents: row.default_percents,
        forecast: row.default_forecast,
        quietFromMinute: row.quiet_from_minute,
        quietToMinute: row.quiet_to_minute,
        snoozedUntil: row.snoozed_until?.getTime() ?? null,
      },
    ]),
  );
}

/** Writes a rule, or writes it anew under the same id. */
export async function upsertRule(
  sql: Sql,
  of: { customerId: string; rule: AlertRule; meterId: string | null; actor: string; now: EpochMs },
): Promise<void> {
  const { rule } = of;
  await sql.query(
    `INSERT INTO alert_rule (customer_id, id, kind, basis, meter_id, limit_id, percents, quantity, amount_minor, name,
       source, channels, enabled, snoozed_until, created_by, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
     ON CONFLICT (customer_id, id) DO UPDATE SET percents = EXCLUDED.percents, quantity = EXCLUDED.quantity,
       amount_minor = EXCLUDED.amount_minor, name = EXCLUDED.name, channels = EXCLUDED.channels,
       enabled = EXCLUDED.enabled, snoozed_until = EXCLUDED.snoozed_until, updated_at = EXCLUDED.updated_at`,
    [
      of.customerId,
      rule.id,
      rule.kind,
      rule.basis,
      of.meterId,
      rule.limitId,
      rule.percents.map(formatDecimal),
      rule.quantity === null ? null : formatDecimal(rule.quantity),
      rule.amount?.amountMinor.toString() ?? null,
      rule.name,
      rule.source,
      [...rule.channels],
      rule.enabled,
      rule.snoozedUntil === null ? null : new Date(rule.snoozedUntil),
      of.actor,
      new Date(of.now),
    ],
  );
}

type RuleRow = {
  customer_id: string;
  id: string;
  kind: AlertKind;
  basis: AlertBasis;
  meter_id: string | null;
  limit_id: string | null;
  percents: string[];
  quantity: string | null;
  amount_minor: string | null;
  name: string | null;
  source: AlertRuleSource;
  channels: AlertChannel[];
  enabled: boolean;
  snoozed_until: Date | null;
  currency: string;
};

type SettingsRow = {
  customer_id: string;
  default_percents: string[] | null;
  default_forecast: boolean;
  quiet_from_minute: number | null;
  quiet_to_minute: number | null;
  snoozed_until: Date | null;
};

function mapRule(row: RuleRow, meterKeys: ReadonlyMap<string, string>): AlertRule {
  return {
    id: row.id,
    kind: row.kind,
    basis: row.basis,
    meterKey: row.meter_id === null ? null : (meterKeys.get(row.meter_id) ?? null),
    limitId: row.limit_id,
    percents: row.percents.map((percent) => decimal(percent)),
    quantity: row.quantity === null ? null : decimal(row.quantity),
    amount: row.amount_minor === null ? null : { amountMinor: BigInt(row.amount_minor), currency: row.currency },
    name: row.name,
    source: row.source,
    channels: row.channels,
    enabled: row.enabled,
    snoozedUntil: row.snoozed_until?.getTime() ?? null,
  };
}

/** What decides how one alert is told. */
export type TellingSettings = {
  channels: readonly AlertChannel[];
  snoozedUntil: EpochMs | null;
  quietFromMinute: number | null;
  quietToMinute: number | null;
  timeZone: string;
};

/** How alerts of rules are told, one answer a pair, in order; a rule without a row is told in every way. */
export async function tellingSettings(
  sql: Sql,
  of: readonly { customerId: string; ruleId: string }[],
): Promise<TellingSettings[]> {
  const rows = await sql.query<TellingRow>(
    `SELECT w.place, c.time_zone, r.channels, r.snoozed_until AS rule_snoozed, s.snoozed_until AS all_snoozed,
       s.quiet_from_minute, s.quiet_to_minute
     FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS w (customer_id, rule_id, place)
     JOIN customer c ON c.id = w.customer_id
     LEFT JOIN alert_rule r ON r.customer_id = c.id AND r.id = w.rule_id
     LEFT JOIN alert_settings s ON s.customer_id = c.id ORDER BY w.place`,
    [of.map((one) => one.customerId), of.map((one) => one.ruleId)],
    "telling_settings",
  );
  return rows.map((row) => {
    const snoozes = [row.rule_snoozed, row.all_snoozed].flatMap((at) => (at === null ? [] : [at.getTime()]));
    return {
      channels: row.channels ?? ALERT_CHANNELS,
      snoozedUntil: snoozes.length === 0 ? null : Math.max(...snoozes),
      quietFromMinute: row.quiet_from_minute,
      quietToMinute: row.quiet_to_minute,
      timeZone: row.time_zone,
    };
  });
}

type TellingRow = {
  time_zone: string;
  channels: AlertChannel[] | null;
  rule_snoozed: Date | null;
  all_snoozed: Date | null;
  quiet_from_minute: number | null;
  quiet_to_minute: number | null;
};
