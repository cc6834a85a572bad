import type { Clock } from "../clock.ts";
import { resolveEndpoint } from "../client-options.ts";
import { UsageClient } from "../usage-client.ts";
import { ApiCaller } from "./api-caller.ts";
import { type ApiFacts, type ApiNeeds, checkApi } from "./api-checks.ts";
import { openCsv } from "./csv-file.ts";
import type { CsvRow } from "./csv-splitter.ts";
import { CustomerSetup } from "./customer-setup.ts";
import { findEarlierShift, findSpan, shiftDaysTo } from "./date-shift.ts";
import { ImportStopped } from "./import-stopped.ts";
import type { ProgressDisplay } from "./progress.ts";
import { RejectsFile } from "./rejects-file.ts";
import { findFault, type MappedRow, type RowFault, RowMapper, type RowMapping } from "./row-mapper.ts";
import { RowSender } from "./row-sender.ts";
import type { Tally } from "./tally.ts";

/** One import, with every choice made. */
export type ImportOptions = {
  readonly path: string;
  readonly mapping: RowMapping;
  /** Null in a dry run that has none. */
  readonly api: { readonly url: string; readonly apiKey: string } | null;
  readonly isDryRun: boolean;
  readonly isBackfill: boolean;
  readonly shiftsToNow: boolean;
  readonly createCustomers: {
    readonly planKey: string;
    readonly currency: string | null;
    readonly subscribeFrom: string;
  } | null;
  readonly rejectsPath: string;
  /** How long an API that does not answer is waited for. */
  readonly waitMs: number;
};

/** What an import needs of the world around it. */
export type ImportSurroundings = {
  readonly clock: Clock;
  readonly progress: ProgressDisplay;
  readonly tally: Tally;
  /** Aborted when a person stops the import. */
  readonly signal: AbortSignal;
};

/** What can be said of a run that came to its end, beside the tally. */
export type ImportReport = {
  readonly shiftDays: number;
  readonly rejectsPath: string | null;
  readonly customersPrepared: number;
  readonly customersWithOtherPlan: number;
};

const BATCH_SIZE = 500;
const MAX_IN_FLIGHT = 4;
const MAX_BUFFERED = 8_000;
/** Rows read together, so that the customers they name are created together. */
const CHUNK_ROWS = 2_000;
const MAX_BACKOFF_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Imports one file. Rows that cannot be recorded are counted and kept; what stops the whole run is thrown as `ImportStopped`. */
export async function runImport(options: ImportOptions, surroundings: ImportSurroundings): Promise<ImportReport> {
  const { clock, progress, signal, tally } = surroundings;
  const connection = options.isDryRun ? null : options.api;
  const api = connection && apiCallerOf(connection, { options, surroundings });
  const facts = api && (await checkApi(api, needsOf(options)));
  const shiftDays = await chooseShift(options, { api, facts, surroundings });
  const file = await openCsv(options.path);
  const mapper = new RowMapper(file.columns, options.mapping, { shiftDays });
  const rejects = new RejectsFile(options.rejectsPath, file.columns);
  const customers = customerSetupOf(options, { api, facts });
  const client = connection && usageClientOf(connection, { options, surroundings });
  const sender = new RowSender({ client, tally, rejects, waitMs: options.waitMs });
  const stop = () => void client?.close({ timeoutMs: 0 });
  signal.addEventListener("abort", stop, { once: true });
  progress.start(options.isDryRun ? "Checking" : "Importing", () => ({
    rows: tally.settled,
    bytesRead: file.bytesRead(),
    totalBytes: file.totalBytes,
  }));
  try {
    for await (const rows of inChunks(file.rows)) {
      if (signal.aborted) throw stopped();
      const events = rows.map((row) => ({ row, event: mapper.map(row) }));
      await sendRows(events, { sender, customers, tally, now: clock.now(), isBackfill: options.isBackfill });
    }
    await sender.finish();
  } finally {
    signal.removeEventListener("abort", stop);
    await client?.close({ timeoutMs: 0 });
    await rejects.close();
    progress.stop();
  }
  return {
    shiftDays,
    rejectsPath: rejects.exists ? rejects.path : null,
    customersPrepared: customers?.preparedCount ?? 0,
    customersWithOtherPlan: customers?.keptPlanCount ?? 0,
  };
}

type ReadRow = { readonly row: CsvRow; readonly event: MappedRow | RowFault };

/** One chunk: refuses what cannot be sent, sees to the customers of the rest, and sends it in its order. */
async function sendRows(
  rows: readonly ReadRow[],
  work: { sender: RowSender; customers: CustomerSetup | null; tally: Tally; now: number; isBackfill: boolean },
): Promise<void> {
  const { sender, customers, tally, now, isBackfill } = work;
  const sendable: { row: CsvRow; event: MappedRow }[] = [];
  for (const { row, event } of rows) {
    tally.rows += 1;
    if (event.ok && event.ordinal > 1) tally.repeatedRows += 1;
    const fault = event.ok ? findFault(event, { now, isBackfill }) : event;
    if (fault !== null) await sender.refuse(row, fault);
    else if (event.ok) sendable.push({ row, event });
  }
  await customers?.prepare(sendable.map(({ event }) => event.record.externalCustomerId));
  for (const { row, event } of sendable) {
    const fault = customers?.faultOf(event.record.externalCustomerId) ?? null;
    if (fault === null) await sender.send(row, event);
    else await sender.refuse(row, fault);
  }
}

function stopped(): ImportStopped {
  return new ImportStopped("STOPPED", "Stopped. Run the same command again to continue.");
}

type Connection = NonNullable<ImportOptions["api"]>;
type Setting = { readonly options: ImportOptions; readonly surroundings: ImportSurroundings };

function apiCallerOf({ url, apiKey }: Connection, { options, surroundings }: Setting): ApiCaller {
  const { clock, signal, progress } = surroundings;
  return new ApiCaller({
    connection: { endpoint: resolveEndpoint(url), apiKey, requestTimeoutMs: REQUEST_TIMEOUT_MS },
    clock,
    signal,
    waitMs: options.waitMs,
    onRetry: (failure) => noteRetry(progress, failure),
  });
}

function usageClientOf(connection: Connection, { options, surroundings }: Setting): UsageClient {
  const { clock, progress } = surroundings;
  return new UsageClient({
    ...connection,
    batchSize: BATCH_SIZE,
    maxInFlight: MAX_IN_FLIGHT,
    maxBuffered: MAX_BUFFERED,
    maxBackoffMs: MAX_BACKOFF_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    giveUpAfterMs: options.waitMs,
    clock,
    // Every outcome is counted where the row is known; these two only keep the client from warning as well.
    hooks: { onRetry: (failure) => noteRetry(progress, failure), onUndelivered: () => {}, onRefused: () => {} },
  });
}

function noteRetry(progress: ProgressDisplay, { code, message }: { code: string; message: string }): void {
  progress.note(`No answer from the API yet, trying again (${code}: ${message})`);
}

function needsOf({ mapping, createCustomers, isBackfill, waitMs }: ImportOptions): ApiNeeds {
  return { meterKey: mapping.meterKey, planKey: createCustomers?.planKey ?? null, isBackfill, waitMs };
}

function customerSetupOf(
  { createCustomers }: ImportOptions,
  { api, facts }: { api: ApiCaller | null; facts: ApiFacts | null },
): CustomerSetup | null {
  if (createCustomers === null || api === null) return null;
  const { planKey, subscribeFrom, currency } = createCustomers;
  return new CustomerSetup(api, {
    planKey,
    startsAt: subscribeFrom,
    currency: currency ?? facts?.planCurrency ?? "USD",
  });
}

async function chooseShift(
  { path, mapping, shiftsToNow }: ImportOptions,
  { api, facts, surroundings }: { api: ApiCaller | null; facts: ApiFacts | null; surroundings: ImportSurroundings },
): Promise<number> {
  if (!shiftsToNow) return 0;
  const { clock, progress } = surroundings;
  let rows = 0;
  const span = await findSpan(path, {
    mapping,
    onOpen: (file) => {
      progress.start("Looking for the last event", () => ({
        rows,
        bytesRead: file.bytesRead(),
        totalBytes: file.totalBytes,
      }));
    },
    onRow: () => {
      if (surroundings.signal.aborted) throw stopped();
      rows += 1;
    },
  });
  progress.stop();
  const earlier = api !== null && facts?.scopes.has("USAGE_READ") ? await findEarlierShift(api, span.samples) : null;
  if (earlier !== null) return earlier;
  return span.lastAt === null ? 0 : shiftDaysTo(clock.now(), span.lastAt);
}

async function* inChunks(rows: AsyncIterable<CsvRow>): AsyncGenerator<CsvRow[]> {
  let chunk: CsvRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
