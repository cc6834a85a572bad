import type { ApiCaller } from "./api-caller.ts";
import { type CsvFile, openCsv } from "./csv-file.ts";
import { ImportStopped } from "./import-stopped.ts";
import { type MappedRow, RowMapper, type RowMapping } from "./row-mapper.ts";

/** What a pass over the whole file tells. */
export type FileSpan = { readonly lastAt: number | null; readonly samples: readonly MappedRow[] };

const DAY_MS = 86_400_000;
/** Rows by whose events an earlier run is recognised: one in so many, and so many of them. */
const SAMPLE_EVERY = 400;
const MAX_SAMPLES = 6;
const EVENT_OF_KEY =
  "query EventOfKey($customer:String!,$meter:String!,$key:String!){usageEvents(externalCustomerId:$customer,meterKey:$meter,idempotencyKey:$key,first:1){nodes{occurredAt}}}";

/** Reads the file once to find its last event. */
export async function findSpan(
  path: string,
  { mapping, onOpen, onRow }: { mapping: RowMapping; onOpen: (file: CsvFile) => void; onRow: () => void },
): Promise<FileSpan> {
  const file = await openCsv(path);
  onOpen(file);
  const mapper = new RowMapper(file.columns, mapping, { shiftDays: 0 });
  const samples: MappedRow[] = [];
  let lastAt: number | null = null;
  let count = 0;
  for await (const row of file.rows) {
    onRow();
    const mapped = mapper.map(row);
    if (!mapped.ok) continue;
    if (lastAt === null || mapped.occurredAt > lastAt) lastAt = mapped.occurredAt;
    if (count % SAMPLE_EVERY === 0 && samples.length < MAX_SAMPLES) samples.push(mapped);
    count += 1;
  }
  return { lastAt, samples };
}

/** Whole days by which to move the file, so that its last event is the latest possible that is not after `now`. */
export function shiftDaysTo(now: number, lastAt: number): number {
  return Math.floor((now - lastAt) / DAY_MS);
}

/**
 * By how many days an earlier run moved these rows; null when none of them is recorded. Keys count once for ever, so a run
 * that continues another on a later day must give the events the same times. Throws `ImportStopped` when the rows were
 * recorded with the file's own dates.
 */
export async function findEarlierShift(api: ApiCaller, samples: readonly MappedRow[]): Promise<number | null> {
  for (const { record, occurredAt } of samples) {
    const { externalCustomerId: customer, meterKey: meter, idempotencyKey: key } = record;
    const answer = await api.call(EVENT_OF_KEY, { customer, meter, key });
    // An unknown customer, or a key that may not read: nothing to be learnt from this row.
    if (!answer.ok) continue;
    const { nodes } = (answer.data as { usageEvents: { nodes: readonly { occurredAt: string }[] } }).usageEvents;
    const [event] = nodes;
    if (!event) continue;
    const days = (Date.parse(event.occurredAt) - occurredAt) / DAY_MS;
    if (days === 0) throw alreadyRecorded();
    if (Number.isInteger(days)) return days;
  }
  return null;
}

function alreadyRecorded(): ImportStopped {
  return new ImportStopped(
    "RECORDED_UNSHIFTED",
    "Rows of this file were recorded before with the dates that are in the file, and a key counts once for ever. " +
      "Leave --shift-to out to continue that import, or give --key-prefix TEXT to record the rows a second time.",
  );
}
