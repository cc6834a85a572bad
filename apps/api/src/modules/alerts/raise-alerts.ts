import { randomUUID } from "node:crypto";
import {
  type AlertTarget,
  type Aggregation,
  type CrossingBand,
  type Decimal,
  type EpochMs,
  formatDecimal,
  type Window,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type Column, columnStatement, instantText, type ReadyStatement } from "../usage/index.ts";
import { markEvaluationsSql, raiseAlertsSql } from "./raise-alerts.sql.ts";

/** What may have been crossed. Without a value it is read from the period's total. */
export type AlertCandidate = {
  customerId: string;
  target: Omit<AlertTarget, "percent"> & { percent: Decimal | null };
  meterId: string | null;
  aggregation: Aggregation | null;
  /** The currency of money; ignored for units. */
  currency: string;
  period: Window;
  crossedAt: EpochMs;
  value: Decimal | null;
  expected: CrossingBand | null;
};

const textOf = (value: Decimal | null): string | null => (value === null ? null : formatDecimal(value));
const instantOf = (at: EpochMs | null | undefined): string | null => (at == null ? null : instantText(at));

const columns: readonly Column<AlertCandidate>[] = [
  { plain: (one) => one.customerId },
  { plain: () => randomUUID() },
  { plain: (one) => one.target.ruleId },
  { plain: (one) => one.target.kind },
  { plain: (one) => one.target.basis },
  { plain: (one) => one.target.severity },
  { plain: (one) => one.meterId },
  { plain: (one) => one.target.limit?.id ?? null },
  { text: (one) => one.target.thresholdKey },
  { plain: (one) => textOf(one.target.percent) },
  { plain: (one) => formatDecimal(one.target.basisValue) },
  { plain: (one) => formatDecimal(one.target.thresholdValue) },
  { plain: (one) => textOf(one.value) },
  { plain: (one) => (one.target.isMoney ? one.currency : null) },
  { plain: (one) => instantText(one.period.startAt) },
  { plain: (one) => instantText(one.period.endAt) },
  { plain: (one) => instantText(one.crossedAt) },
  { plain: (one) => instantOf(one.expected?.expectedAt) },
  { plain: (one) => instantOf(one.expected?.earliestAt) },
  { plain: (one) => instantOf(one.expected?.latestAt) },
  { plain: (one) => one.aggregation },
];

/** The statement that raises what of the candidates is crossed; to be run in any transaction, or at the end of one. */
export function raiseStatement(candidates: readonly AlertCandidate[]): ReadyStatement {
  return columnStatement(raiseAlertsSql, candidates, columns);
}

/** Raises what of the candidates is crossed and has not been told; answers the ids of the new alerts. */
export async function raiseAlerts(sql: Sql, candidates: readonly AlertCandidate[]): Promise<string[]> {
  if (candidates.length === 0) return [];
  const { text, values, name } = raiseStatement(candidates);
  return (await sql.query<{ id: string }>(text, values, name)).map((row) => row.id);
}

/** When a customer is to be evaluated at the latest. */
export type EvaluationMark = { customerId: string; dueAt: EpochMs };

/** The statement that asks for evaluations. */
export function markStatement(marks: readonly EvaluationMark[]): ReadyStatement {
  return columnStatement(markEvaluationsSql, marks, [
    { plain: (mark) => mark.customerId },
    { plain: (mark) => instantText(mark.dueAt) },
  ]);
}

/** Asks for evaluations. */
export async function markEvaluations(sql: Sql, marks: readonly EvaluationMark[]): Promise<void> {
  if (marks.length === 0) return;
  const { text, values, name } = markStatement(marks);
  await sql.query(text, values, name);
}
