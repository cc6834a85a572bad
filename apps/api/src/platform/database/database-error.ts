/**
 * SQLSTATE classes and codes that say the server or its load, not the statement, is at fault (PostgreSQL docs, appendix
 * A): connections, shutdown, resources, a standby, and what was given up for others (timeouts, deadlocks, serialization).
 */
const outageStates = /^(08|57P0[1-5]|57014|53[0-9A-Z]{3}|25006|25P0[34]|40001|40P01|55P03)/;
/** Errors of the socket and of node-postgres when no server answers, or no connection of the pool is free in time. */
const outageCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "EHOSTUNREACH",
]);
const outageMessages =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|the database system is/;

function fieldOf(error: object, name: string): unknown {
  return (error as Record<string, unknown>)[name];
}

/** The SQLSTATE of a PostgreSQL error, also when a library has wrapped it. */
export function sqlStateOf(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; typeof at === "object" && at !== null && depth < 5; depth += 1) {
    const code = fieldOf(at, "code");
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return code;
    at = fieldOf(at, "driverError") ?? fieldOf(at, "originalError") ?? fieldOf(at, "cause");
  }
  return null;
}

/** True when the database is away, restarting, full or too busy: the same request may succeed later. */
export function isOutage(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; typeof at === "object" && at !== null && depth < 5; depth += 1) {
    const code = fieldOf(at, "code");
    if (typeof code === "string" && (outageCodes.has(code) || (code.length === 5 && outageStates.test(code))))
      return true;
    if (at instanceof AggregateError && at.errors.some((inner) => isOutage(inner))) return true;
    if (at instanceof Error && outageMessages.test(at.message)) return true;
    at = fieldOf(at, "driverError") ?? fieldOf(at, "originalError") ?? fieldOf(at, "cause");
  }
  return false;
}

/** True for a broken unique constraint; with `constraint`, for that one only. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlStateOf(error) !== "23505") return false;
  if (constraint === undefined) return true;
  const wrapped = typeof error === "object" && error !== null ? (fieldOf(error, "driverError") ?? error) : error;
  return fieldOf(wrapped as object, "constraint") === constraint;
}
