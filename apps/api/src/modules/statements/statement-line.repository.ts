import {
  type Decimal,
  decimal,
  formatDecimal,
  type Money,
  type PriceModelName,
  type RatedBy,
  type RatedLine,
  type RatedLineText,
  ratedLineOf,
  ratedLineText,
  type StatementLine,
  type StatementLineKind,
} from "@meterline/billing-domain";
import type { Sql, Transaction } from "../../platform/database/index.ts";

/** A line as it is stored; `model` is how its meter is priced. */
export type StoredStatementLine = StatementLine & { model: PriceModelName | null };

/** Writes lines of a statement, behind the `from` that it has. */
export async function insertStatementLines(
  sql: Transaction,
  { customerId, id, from }: { customerId: string; id: string; from: number },
  lines: readonly StoredStatementLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await sql.query(
    `INSERT INTO statement_line (customer_id, statement_id, position, key, kind, label, meter_key, line_start, line_end,
       quantity, amount_minor, rated_by, detail)
     SELECT $1, $2, l.* FROM unnest($3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
       $9::timestamptz[], $10::numeric[], $11::bigint[], $12::text[], $13::jsonb[]) AS l`,
    [
      customerId,
      id,
      lines.map((_, position) => from + position),
      lines.map((line) => line.key),
      lines.map((line) => line.kind),
      lines.map((line) => line.label),
      lines.map((line) => line.meterKey),
      lines.map((line) => new Date(line.window.startAt).toISOString()),
      lines.map((line) => new Date(line.window.endAt).toISOString()),
      lines.map((line) => (line.quantity === null ? null : formatDecimal(line.quantity))),
      lines.map((line) => line.amount.amountMinor.toString()),
      lines.map((line) => line.ratedBy),
      lines.map((line) => JSON.stringify(detailOf(line))),
    ],
  );
}

/** More lines than any statement has: the meters of a plan, and late lines of hundreds of periods. */
const maxLines = 20_000;

/** The lines of a statement, in their order. */
export async function statementLinesOf(
  sql: Sql,
  of: { customerId: string; id: string; currency: string },
): Promise<StoredStatementLine[]> {
  const rows = await sql.query<LineRow>(
    `SELECT key, kind, label, meter_key, line_start, line_end, quantity, amount_minor, rated_by, detail
     FROM statement_line WHERE customer_id = $1 AND statement_id = $2 ORDER BY position LIMIT ${maxLines}`,
    [of.customerId, of.id],
  );
  return rows.map((row) => mapLine(row, of.currency));
}

type LineDetail = {
  rated: RatedLineText | null;
  billed: { quantity: string; amountMinor: string } | null;
  model: PriceModelName | null;
};

function detailOf(line: StoredStatementLine): LineDetail {
  const { rated, billed, model } = line;
  return {
    rated: rated === null ? null : ratedLineText(rated),
    billed:
      billed === null
        ? null
        : { quantity: formatDecimal(billed.quantity), amountMinor: billed.amount.amountMinor.toString() },
    model,
  };
}

type LineRow = {
  key: string;
  kind: StatementLineKind;
  label: string;
  meter_key: string | null;
  line_start: Date;
  line_end: Date;
  quantity: string | null;
  amount_minor: string;
  rated_by: RatedBy;
  detail: LineDetail;
};

function mapLine(row: LineRow, currency: string): StoredStatementLine {
  const { rated, billed, model } = row.detail;
  const money = (amountMinor: string): Money => ({ amountMinor: BigInt(amountMinor), currency });
  const quantity: Decimal | null = row.quantity === null ? null : decimal(row.quantity);
  const ratedLine: RatedLine | null = rated === null ? null : ratedLineOf(rated);
  return {
    key: row.key,
    kind: row.kind,
    label: row.label,
    meterKey: row.meter_key,
    window: { startAt: row.line_start.getTime(), endAt: row.line_end.getTime() },
    quantity,
    amount: money(row.amount_minor),
    ratedBy: row.rated_by,
    rated: ratedLine,
    billed: billed === null ? null : { quantity: decimal(billed.quantity), amount: money(billed.amountMinor) },
    model,
  };
}
