import type { Database, Sql } from "../database/index.ts";
import type { Viewer } from "./viewer.ts";

/**
 * Runs a read for a viewer. A member's goes through the second wall: read-only, and with row-level security on the
 * member's customer; anybody else's runs straight on the pool.
 */
export function readAs<T>(database: Database, viewer: Viewer, fn: (sql: Sql) => Promise<T>): Promise<T> {
  return viewer.kind === "MEMBER" ? database.asMember(viewer.customerId, fn) : fn(database);
}
