import type { Sql } from "../../platform/database/index.ts";
import type { NamedStatement } from "./usage-write.sql.ts";

/** A value of a column as PostgreSQL reads it. */
export type ColumnValue = string | number | boolean | null;

/**
 * A column of rows, to be sent as one array parameter. `plain` values (ids, numbers, instants) hold nothing that an
 * array literal would need quoted; `text` is anything. Telling the two apart is worth it: quoting every value costs more
 * than all the judging of an event.
 */
export type Column<Row> = { plain: (row: Row) => ColumnValue } | { text: (row: Row) => string | null };

/** A prepared statement with its parameters, ready to be sent. */
export type ReadyStatement = NamedStatement & { values: readonly string[] };

/** A statement whose parameters are the columns of `rows`, one array each. */
export function columnStatement<Row>(
  statement: NamedStatement,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): ReadyStatement {
  return { ...statement, values: columns.map((column) => arrayLiteral(rows, column)) };
}

/** Runs a statement over the columns of `rows`. Nothing for no rows. */
export async function runColumns<Row, Answer extends object>(
  sql: Sql,
  statement: NamedStatement,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): Promise<Answer[]> {
  if (rows.length === 0) return [];
  const { text, values, name } = columnStatement(statement, rows, columns);
  return sql.query<Answer>(text, values, name);
}

/**
 * A PostgreSQL array literal: {1,2,NULL} or {"a","b"}; {} for nothing but nulls, since `unnest` fills the shorter of
 * several arrays up with them.
 */
export function arrayLiteral<Row>(rows: readonly Row[], column: Column<Row>): string {
  let literal = "{";
  let isEmpty = true;
  for (let index = 0; index < rows.length; index += 1) {
    if (index > 0) literal += ",";
    const row = rows[index] as Row;
    const value = "plain" in column ? column.plain(row) : quoted(column.text(row));
    if (value !== null) isEmpty = false;
    literal += value === null ? "NULL" : value;
  }
  return isEmpty ? "{}" : `${literal}}`;
}

function quoted(text: string | null): string | null {
  if (text === null) return null;
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;
}
