import { noSuch } from "../wire/errors.ts";
import { integer, optional, text } from "../wire/params.ts";
import type { WireList } from "../wire/wire.ts";

/** The parameters of every v1 list. */
export const LIST_PARAMS = {
  limit: optional(integer({ min: 1, max: 100 })),
  starting_after: optional(text()),
  ending_before: optional(text()),
};

type Cursor = { limit?: number | undefined; starting_after?: string | undefined; ending_before?: string | undefined };

const DEFAULT_LIMIT = 10;

/** One page of `rows`, which come in the order of the list (newest first nearly everywhere). */
export function pageOf<T extends { id: string }>(rows: readonly T[], cursor: Cursor, url: string): WireList<T> {
  const limit = cursor.limit ?? DEFAULT_LIMIT;
  if (cursor.ending_before !== undefined) {
    const end = positionOf(rows, cursor.ending_before, "ending_before");
    const start = Math.max(0, end - limit);
    return { object: "list", data: rows.slice(start, end), has_more: start > 0, url };
  }
  const start = cursor.starting_after === undefined ? 0 : positionOf(rows, cursor.starting_after, "starting_after") + 1;
  return { object: "list", data: rows.slice(start, start + limit), has_more: start + limit < rows.length, url };
}

function positionOf(rows: readonly { id: string }[], id: string, param: string): number {
  const position = rows.findIndex((row) => row.id === id);
  if (position === -1) throw noSuch("object", id, { param });
  return position;
}
