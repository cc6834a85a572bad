import type { ImportOptions, ImportReport } from "./import-run.ts";
import type { ImportStopped } from "./import-stopped.ts";
import { duration } from "./progress.ts";
import type { Tally } from "./tally.ts";

/** How a run ended. `report` is absent when it was stopped before its end. */
export type ImportEnd = {
  readonly options: ImportOptions;
  readonly tally: Tally;
  readonly report: ImportReport | null;
  readonly stopped: ImportStopped | null;
  readonly elapsedMs: number;
};

/** 0: every row is recorded (or would be); 1: some were refused; 2: the import did not run to its end. */
export function exitCodeOf({ stopped, tally }: ImportEnd): 0 | 1 | 2 {
  if (stopped) return 2;
  return tally.refused > 0 ? 1 : 0;
}

/** The one object that `--json` prints. Quantities are decimals as strings. */
export function summaryAsJson(end: ImportEnd): Record<string, unknown> {
  const { options, tally, report, stopped, elapsedMs } = end;
  return {
    file: options.path,
    meter: options.mapping.meterKey,
    dryRun: options.isDryRun,
    complete: stopped === null,
    rows: tally.rows,
    accepted: tally.accepted,
    recorded: tally.recorded,
    duplicates: tally.duplicates,
    refused: tally.refused,
    refusedByCode: Object.fromEntries(tally.refusedByCode),
    repeatedRows: tally.repeatedRows,
    totalQuantity: tally.acceptedQuantity,
    recordedQuantity: tally.recordedQuantity,
    firstAt: instant(tally.firstAt),
    lastAt: instant(tally.lastAt),
    shiftDays: report?.shiftDays ?? null,
    customersPrepared: report?.customersPrepared ?? null,
    customersWithOtherPlan: report?.customersWithOtherPlan ?? null,
    rejectsFile: report?.rejectsPath ?? null,
    seconds: Math.round(elapsedMs) / 1_000,
    rowsPerSecond: rateOf(end),
    error: stopped === null ? null : { code: stopped.code, message: stopped.message },
  };
}

/** The summary for a person. */
export function summaryAsText(end: ImportEnd): string {
  const { options, tally, report, stopped, elapsedMs } = end;
  const lines: [string, string][] = [["Rows read", count(tally.rows)]];
  if (options.isDryRun) lines.push(["Would be sent", count(tally.accepted)]);
  else lines.push(["Recorded", count(tally.recorded)], ["Duplicates", `${count(tally.duplicates)} (recorded before)`]);
  lines.push(["Refused", count(tally.refused)]);
  for (const [code, rows] of tally.refusedByCode) lines.push([`  ${code}`, count(rows)]);
  lines.push(["Total quantity", `${grouped(tally.acceptedQuantity)} (of the ${count(tally.accepted)} accepted rows)`]);
  if (!options.isDryRun) lines.push(["Recorded now", grouped(tally.recordedQuantity)]);
  if (tally.firstAt !== null) lines.push(["From, to", `${instant(tally.firstAt)}, ${instant(tally.lastAt)}`]);
  if (report && options.shiftsToNow) lines.push(["Moved by", `${count(report.shiftDays)} days`]);
  if (report && options.createCustomers)
    lines.push(["Customers", `${count(report.customersPrepared)}${otherPlans(report)}`]);
  lines.push(["Time", `${duration(elapsedMs)} (${count(rateOf(end))} rows/s)`]);
  if (report?.rejectsPath) lines.push(["Refused rows", report.rejectsPath]);
  const width = Math.max(...lines.map(([name]) => name.length));
  const table = lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [...table, ...hints(end), ...(stopped ? ["", `${stopped.code}: ${stopped.message}`] : [])].join("\n");
}

function otherPlans({ customersWithOtherPlan }: ImportReport): string {
  return customersWithOtherPlan > 0 ? ` (${count(customersWithOtherPlan)} kept the plan they were on)` : "";
}

function hints({ options, tally }: ImportEnd): string[] {
  const found: string[] = [];
  if (tally.repeatedRows > 0 && !options.mapping.countsRepeatedRows) {
    found.push(
      `${count(tally.repeatedRows)} rows repeat the key of an earlier row and count once with it. If they are events of their own: --repeated-rows count.`,
    );
  }
  if (tally.refusedByCode.has("TIMESTAMP_TOO_OLD") && !options.isBackfill) {
    found.push("Rows older than 35 days need --backfill (and a key with usage:backfill), or --shift-to now.");
  }
  if (tally.refusedByCode.has("IDEMPOTENCY_CONFLICT")) {
    found.push(
      "IDEMPOTENCY_CONFLICT: the key was recorded with other content. For a second meter or other dates: --key-prefix TEXT.",
    );
  }
  if (tally.refusedByCode.has("UNKNOWN_CUSTOMER"))
    found.push("UNKNOWN_CUSTOMER: --create-customers PLAN creates them.");
  return found.length === 0 ? [] : ["", ...found];
}

function rateOf({ tally, elapsedMs }: ImportEnd): number {
  return elapsedMs > 0 ? Math.round((tally.settled * 1_000) / elapsedMs) : 0;
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Thousands apart, for reading. */
function grouped(quantity: string): string {
  const [whole = "0", fraction] = quantity.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction === undefined ? "" : `.${fraction}`);
}
