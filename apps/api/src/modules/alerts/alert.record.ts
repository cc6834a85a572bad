import {
  type Alert,
  type AlertBasis,
  type AlertKind,
  type AlertSeverity,
  alertWords,
  type Decimal,
  decimal,
  formatDecimal,
  roundToMoney,
} from "@meterline/billing-domain";
import { mapMoney, type MoneyType } from "../../platform/graphql/index.ts";
import { type MeterRow, mapMeter } from "../catalog/index.ts";
import type { LimitAlertType } from "./alert.types.ts";

/** An alert as it is stored. */
export type AlertRecord = Alert & {
  id: string;
  customerId: string;
  /** In commit order; see the table. Text, as it may pass 2^53. */
  sequence: string;
  ruleId: string;
  meterId: string | null;
  limitId: string | null;
  generation: number;
};

/** The columns of {@link mapAlertRow}. */
export const alertColumns = `customer_id, id, sequence, rule_id, kind, basis, severity, meter_id, limit_id, threshold_key,
  percent, basis_value, threshold_value, crossing_value, currency, period_start, period_end, generation, expected_at,
  earliest_at, latest_at, crossed_at`;

export type AlertRow = {
  customer_id: string;
  id: string;
  sequence: string;
  rule_id: string;
  kind: AlertKind;
  basis: AlertBasis;
  severity: AlertSeverity;
  meter_id: string | null;
  limit_id: string | null;
  threshold_key: string;
  percent: string | null;
  basis_value: string;
  threshold_value: string;
  crossing_value: string;
  currency: string | null;
  period_start: Date;
  period_end: Date;
  generation: number;
  expected_at: Date | null;
  earliest_at: Date | null;
  latest_at: Date | null;
  crossed_at: Date;
};

/** A row as a record; `meterKey` is looked up among the meters. */
export function mapAlertRow(row: AlertRow, meters: ReadonlyMap<string, MeterRow>): AlertRecord {
  return {
    id: row.id,
    customerId: row.customer_id,
    sequence: row.sequence,
    ruleId: row.rule_id,
    kind: row.kind,
    basis: row.basis,
    severity: row.severity,
    meterId: row.meter_id,
    meterKey: row.meter_id === null ? null : (meters.get(row.meter_id)?.definition.key ?? null),
    limitId: row.limit_id,
    thresholdKey: row.threshold_key,
    percent: row.percent === null ? null : decimal(row.percent),
    basisValue: decimal(row.basis_value),
    thresholdValue: decimal(row.threshold_value),
    crossingValue: decimal(row.crossing_value),
    currency: row.currency,
    period: { startAt: row.period_start.getTime(), endAt: row.period_end.getTime() },
    generation: row.generation,
    crossedAt: row.crossed_at.getTime(),
    expected:
      row.expected_at === null
        ? null
        : {
            expectedAt: row.expected_at.getTime(),
            earliestAt: row.earliest_at?.getTime() ?? null,
            latestAt: row.latest_at?.getTime() ?? null,
          },
  };
}

/** An alert as the API shows it, in words for the customer's zone. */
export function mapAlert(alert: AlertRecord, of: { meter: MeterRow | null; timeZone: string }): LimitAlertType {
  const { meter, timeZone } = of;
  const { title, text } = alertWords(alert, { timeZone, meter: meter?.definition ?? null });
  return {
    id: alert.id,
    customerId: alert.customerId,
    sequence: alert.sequence,
    ruleId: alert.ruleId,
    kind: alert.kind,
    basis: alert.basis,
    severity: alert.severity,
    meterKey: alert.meterKey,
    meter: meter === null ? null : mapMeter(meter),
    limitId: alert.limitId,
    thresholdPercent: alert.percent === null ? null : formatDecimal(alert.percent),
    thresholdQuantity: quantityText(alert.thresholdValue, alert.currency),
    thresholdAmount: amountOf(alert.thresholdValue, alert.currency),
    valueQuantity: quantityText(alert.crossingValue, alert.currency),
    valueAmount: amountOf(alert.crossingValue, alert.currency),
    period: { start: alert.period.startAt, end: alert.period.endAt },
    crossedAt: alert.crossedAt,
    expectedCrossing:
      alert.expected === null
        ? null
        : {
            earliest: alert.expected.earliestAt,
            expected: alert.expected.expectedAt,
            latest: alert.expected.latestAt,
          },
    title,
    words: text,
  };
}

function quantityText(value: Decimal, currency: string | null): string | null {
  return currency === null ? formatDecimal(value) : null;
}

function amountOf(value: Decimal, currency: string | null): MoneyType | null {
  return currency === null ? null : mapMoney(roundToMoney(value, currency));
}
