import { prepareUsage, type UsageRecord } from "../usage-record.ts";
import type { CsvRow } from "./csv-splitter.ts";
import { parseUnits } from "./exact-total.ts";
import { ImportStopped } from "./import-stopped.ts";
import { TimeReader } from "./local-time.ts";
import { RowOrdinals } from "./row-ordinals.ts";

/** Which column means what, and how values become events. */
export type RowMapping = {
  readonly meterKey: string;
  readonly customerColumn: string | null;
  /** For rows whose customer is empty. */
  readonly customerDefault: string | null;
  /** Null: each row counts as 1. */
  readonly quantityColumn: string | null;
  readonly timeColumn: string;
  readonly timeZone: string | null;
  readonly keyColumns: readonly string[];
  readonly keyPrefix: string;
  readonly propertyColumns: readonly string[];
  /** True: a row that repeats another one's key columns is an event of its own. */
  readonly countsRepeatedRows: boolean;
};

/** A row as an event. `units` is its quantity × 10¹²; `occurredAt` is as in the file, before any shift. */
export type MappedRow = {
  readonly ok: true;
  readonly record: UsageRecord & { readonly externalCustomerId: string; readonly idempotencyKey: string };
  readonly units: bigint;
  readonly occurredAt: number;
  /** 1 for the first row with these key columns. */
  readonly ordinal: number;
};

/** Why a row cannot be an event. */
export type RowFault = { readonly ok: false; readonly code: string; readonly message: string };

const DAY_MS = 86_400_000;
const MAX_AGE_DAYS = 35;
const MAX_AHEAD_MS = 300_000;

/** Turns rows into events, in the order of the file. What needs the API's knowledge is left to the API. */
export class RowMapper {
  readonly #mapping: RowMapping;
  readonly #columnCount: number;
  readonly #index: ReadonlyMap<string, number>;
  readonly #textColumns: readonly string[];
  readonly #times: TimeReader;
  readonly #ordinals = new RowOrdinals();
  readonly #shiftMs: number;

  /** Throws `ImportStopped` when the header lacks a column, or has one that is needed twice. */
  constructor(columns: readonly string[], mapping: RowMapping, { shiftDays }: { shiftDays: number }) {
    this.#mapping = mapping;
    this.#columnCount = columns.length;
    this.#index = new Map(columns.map((name, index) => [name, index]));
    this.#shiftMs = shiftDays * DAY_MS;
    const { customerColumn, quantityColumn, timeColumn, keyColumns, propertyColumns, timeZone } = mapping;
    this.#textColumns = [...(customerColumn === null ? [] : [customerColumn]), ...keyColumns, ...propertyColumns];
    const needed = [quantityColumn, timeColumn, ...this.#textColumns];
    checkHeader(columns, new Set(needed.filter((name) => name !== null)));
    try {
      this.#times = new TimeReader(timeZone);
    } catch {
      throw new ImportStopped(
        "UNKNOWN_TIME_ZONE",
        `--time-zone ${timeZone} is not an IANA time zone such as Europe/London.`,
      );
    }
  }

  map(row: CsvRow): MappedRow | RowFault {
    if (row.fault !== null) return fault("UNREADABLE_ROW", row.fault);
    if (row.values.length !== this.#columnCount) {
      return fault(
        "WRONG_COLUMN_COUNT",
        `The row has ${row.values.length} values; the header has ${this.#columnCount}.`,
      );
    }
    const { meterKey, customerColumn, customerDefault, quantityColumn, timeColumn, keyColumns } = this.#mapping;
    const customer = (customerColumn === null ? "" : this.#value(row, customerColumn)) || customerDefault;
    const rowKey = this.#key(row);
    // Counted before anything is refused: a row's ordinal depends on the file alone.
    const ordinal = this.#ordinals.next(`${customer}\n${rowKey}`);
    if (customer === null) {
      return fault("NO_CUSTOMER", `${customerColumn} is empty. --customer-default ID gives such rows a customer.`);
    }
    if (!this.#mapping.countsRepeatedRows && keyColumns.every((column) => this.#value(row, column) === "")) {
      const message = `${keyColumns.join(", ")}: empty, so nothing tells the row from others. Give --key columns that every row has.`;
      return fault("NO_KEY", message);
    }
    const damaged = this.#damagedColumn(row);
    if (damaged !== undefined) {
      const message = `${damaged} holds a character that is not UTF-8. Save the file as UTF-8 and run the same command again.`;
      return fault("NOT_UTF8", message);
    }
    const quantity = quantityColumn === null ? "1" : this.#value(row, quantityColumn).trim();
    const units = parseUnits(quantity);
    if (units === null) {
      return fault("INVALID_QUANTITY", `${quantityColumn} is "${quantity}"; it must be a plain decimal such as 12.5.`);
    }
    const time = this.#value(row, timeColumn).trim();
    const reading = this.#times.read(time);
    if (!reading.ok) return timeFault(reading.code, `${timeColumn} is "${time}"`);
    return {
      ok: true,
      record: {
        externalCustomerId: customer,
        meterKey,
        quantity,
        occurredAt: new Date(reading.at + this.#shiftMs).toISOString(),
        idempotencyKey: this.#mapping.countsRepeatedRows && ordinal > 1 ? `${rowKey}|#${ordinal}` : rowKey,
        properties: this.#properties(row),
      },
      units,
      occurredAt: reading.at,
      ordinal,
    };
  }

  #value(row: CsvRow, column: string): string {
    return row.values[this.#index.get(column) ?? -1] ?? "";
  }

  /** A column whose text was not UTF-8. What different bytes became is the same, so customers or keys would meet in one. */
  #damagedColumn(row: CsvRow): string | undefined {
    return this.#textColumns.find((column) => this.#value(row, column).includes("\uFFFD"));
  }

  /** The key columns joined by "|"; one inside a value is escaped, so that different rows never meet in one key. */
  #key(row: CsvRow): string {
    const values = this.#mapping.keyColumns.map((column) => {
      const value = this.#value(row, column);
      return value.includes("|") || value.includes("\\") ? value.replace(/[\\|]/g, "\\$&") : value;
    });
    return this.#mapping.keyPrefix + values.join("|");
  }

  #properties(row: CsvRow): Record<string, string> | undefined {
    if (this.#mapping.propertyColumns.length === 0) return undefined;
    const properties: Record<string, string> = {};
    for (const column of this.#mapping.propertyColumns) {
      const value = this.#value(row, column);
      if (value !== "") properties[column] = value;
    }
    return properties;
  }
}

function checkHeader(columns: readonly string[], needed: ReadonlySet<string>): void {
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
  const missing = [...needed].filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    const separator = columns.length > 1 ? undefined : /[;\t]/.exec(columns[0] ?? "")?.[0];
    const advice = separator
      ? ` Values are separated by commas; save it so, not with ${separator === ";" ? "semicolons" : "tabs"}.`
      : "";
    const message = `The file has no column ${quoted(missing)}. Its header is: ${columns.join(", ")}${advice && `.${advice}`}`;
    throw new ImportStopped("MISSING_COLUMN", message);
  }
  const doubled = [...needed].filter((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (doubled.length > 0) {
    const message = `The file has more than one column ${quoted(doubled)}. Give each a name of its own in the header.`;
    throw new ImportStopped("AMBIGUOUS_COLUMN", message);
  }
}

/** What can be said of an event without asking the API; null when nothing speaks against it. */
export function findFault(row: MappedRow, { now, isBackfill }: { now: number; isBackfill: boolean }): RowFault | null {
  const preparation = prepareUsage(row.record, { now, newKey: () => "" });
  if (!preparation.ok) return fault(codeOfField(preparation.field), preparation.message);
  const at = Date.parse(String(row.record.occurredAt));
  if (at > now + MAX_AHEAD_MS) return fault("TIMESTAMP_IN_FUTURE", `${new Date(at).toISOString()} is in the future.`);
  if (isBackfill || at >= now - MAX_AGE_DAYS * DAY_MS) return null;
  return fault(
    "TIMESTAMP_TOO_OLD",
    `${new Date(at).toISOString()} is more than ${MAX_AGE_DAYS} days ago. --backfill records old usage; --shift-to now re-dates the file.`,
  );
}

function codeOfField(field: string): string {
  if (field === "idempotencyKey") return "INVALID_IDEMPOTENCY_KEY";
  return field === "properties" ? "INVALID_PROPERTIES" : "INVALID_INPUT";
}

function timeFault(code: string, subject: string): RowFault {
  const advice =
    code === "NO_TIME_ZONE"
      ? "it has no offset. --time-zone ZONE says which local time it is, for example --time-zone UTC."
      : "it must be like 2026-05-01T12:00:00Z.";
  return fault(code, `${subject}; ${advice}`);
}

function fault(code: string, message: string): RowFault {
  return { ok: false, code, message };
}
