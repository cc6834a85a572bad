import type { Clock } from "../clock.ts";
import { resolveEndpoint } from "../client-options.ts";
import { UsageClient } from "../usage-client.ts";
import { ApiCaller } from "./api-caller.ts";
import { type ApiFacts, checkApi } from "./api-checks.ts";
import { type CsvRow, openCsv } from "./csv-file.ts";
import { CustomerSetup } from "./customer-setup.ts";
import { findEarlierShift, findSpan, shiftDaysTo } from "./date-shift.ts";
import { ImportStopped } from "./import-stopped.ts";
import type { ProgressDisplay } from "./progress.ts";
import { RejectsFile } from "./rejects-file.ts";
import { findFault, type MappedRow, RowMapper, type RowMapping } from "./row-mapper.ts";
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

/** Imports one file. Rows that cannot be recorded are counted and kept; what stops the whole run is thrown as `ImportStopped`. */
export async function runImport(options: ImportOptions, surroundings: ImportSurroundings): Promise<ImportReport> {
  const { clock, progress, signal, tally } = surroundings;
  const away = (code: string, message: string) =>
    progress.note(`The API does not answer (${code}: ${message}); trying again.`);
  const api =
    options.api === null || options.isDryRun
      ? null
      : new ApiCaller({
          connection: {
            endpoint: resolveEndpoint(options.api.url),
            apiKey: options.api.apiKey,
            requestTimeoutMs: 30_000,
          },
          clock,
          signal,
          waitMs: options.waitMs,
          onRetry: ({ code, message }) => away(code, message),
        });
  const facts = api === null ? null : await checkApi(api, needsOf(options));
  const shiftDays = await chooseShift(options, { api, facts, surroundings });
  const file = await openCsv(options.path);
  const mapper = new RowMapper(file.columns, options.mapping, { shiftDays });
  const rejects = new RejectsFile(options.rejectsPath, file.columns);
  const state = () => ({ rows: tally.settled, bytesRead: file.bytesRead(), totalBytes: file.totalBytes });
  progress.start(options.isDryRun ? "Checking" : "Importing", state);
  const client =
    options.api === null || options.isDryRun
      ? null
      : new UsageClient({
          ...options.api,
          batchSize: BATCH_SIZE,
          maxInFlight: MAX_IN_FLIGHT,
          maxBuffered: MAX_BUFFERED,
          maxBackoffMs: MAX_BACKOFF_MS,
          giveUpAfterMs: options.waitMs,
          clock,
          // Every outcome is counted where the row is known; the hooks only keep the client from warning as well.
          hooks: { onRetry: ({ code, message }) => away(code, message), onUndelivered: () => {}, onRefused: () => {} },
        });
  const sender = client === null ? null : new RowSender({ client, tally, rejects, waitMs: options.waitMs });
  const stop = () => void client?.close({ timeoutMs: 0 });
  signal.addEventListener("abort", stop, { once: true });
  try {
    const customers = setupOf(options, { api, facts, clock });
    for await (const rows of inChunks(file.rows)) {
      tally.rows += rows.length;
      const mapped = rows.map((row) => ({ row, event: mapper.map(row) }));
      const now = clock.now();
      const sendable: { row: CsvRow; event: MappedRow }[] = [];
      for (const { row, event } of mapped) {
        if (event.ok && event.ordinal > 1) tally.repeatedRows += 1;
        const fault = event.ok ? findFault(event, { now, isBackfill: options.isBackfill }) : event;
        if (event.ok && fault === null) sendable.push({ row, event });
        else if (fault !== null) await refuse(row, { reason: fault, tally, rejects });
      }
      await customers?.prepare(sendable.map(({ event }) => event.record.externalCustomerId));
      for (const { row, event } of sendable) {
        if (signal.aborted) throw stoppedByPerson();
        const fault = customers?.faultOf(event.record.externalCustomerId) ?? null;
        if (fault !== null) await refuse(row, { reason: fault, tally, rejects });
        else if (sender === null) {
          tally.accept("SENDABLE", { units: event.units, at: Date.parse(String(event.record.occurredAt)) });
        } else await sender.send(row, event);
      }
    }
    await sender?.finish();
    return {
      shiftDays,
      rejectsPath: rejects.exists ? rejects.path : null,
      customersPrepared: customers?.preparedCount ?? 0,
      customersWithOtherPlan: customers?.keptPlanCount ?? 0,
    };
  } finally {
    signal.removeEventListener("abort", stop);
    await client?.close({ timeoutMs: 0 });
    await rejects.close();
    progress.stop();
  }
}

function stoppedByPerson(): ImportStopped {
  return new ImportStopped("STOPPED", "Stopped. Run the same command again to continue.");
}

async function refuse(
  row: CsvRow,
  { reason, tally, rejects }: { reason: { code: string; message: string }; tally: Tally; rejects: RejectsFile },
): Promise<void> {
  tally.refuse(reason.code);
  await rejects.write(row, reason);
}

function needsOf({ mapping, createCustomers, isBackfill }: ImportOptions) {
  return { meterKey: mapping.meterKey, planKey: createCustomers?.planKey ?? null, isBackfill };
}

function setupOf(
  { createCustomers }: ImportOptions,
  { api, facts }: { api: ApiCaller | null; facts: ApiFacts | null; clock: Clock },
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
