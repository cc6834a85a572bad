import type { Database, Sql } from "../database/index.ts";
import type { Viewer } from "./viewer.ts";

/**
 * Runs a read for a viewer. A member's goes through the second wall: read-only, and with row-level security on the
 * member's customer. Either way all of it sees one moment, so that the numbers of one answer agree.
 */
export function readAs<T>(database: Database, viewer: Viewer, fn: (sql: Sql) => Promise<T>): Promise<T> {
  return viewer.kind === "MEMBER" ? database.asMember(viewer.customerId, fn) : database.snapshot(fn);
}
