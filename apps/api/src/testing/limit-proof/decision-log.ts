import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { VoidRefusedError } from "../../modules/ingestion/void-limits.ts";
import type { Database, Sql } from "../../platform/database/index.ts";

/** One transaction that may have decided by limits, in the order in which they held the customer's lock. */
export type LoggedDecision = {
  id: string;
  n: number;
  /** The instant that holds were judged at; null where none were. */
  now: number | null;
  /** What a caller was doing; not known of a group, which serves several. */
  doing: unknown;
  /** What the transaction decided. It holds if the transaction committed. */
  decided: unknown;
  /** It was undone because of what was decided. */
  undone: boolean;
};

/** What a caller is doing, for the log. */
export const doing = new AsyncLocalStorage<unknown>();

const takeNumber = "INSERT INTO decision_log (id, n) VALUES ($1, nextval('decision_order')) RETURNING n";

/** The table that says which of the logged transactions committed. */
export async function createDecisionLog(sql: Sql): Promise<void> {
  await sql.query("CREATE SEQUENCE decision_order");
  // By an id of our own: a number that was taken when PostgreSQL was killed is given out again.
  await sql.query("CREATE TABLE decision_log (id uuid PRIMARY KEY, n bigint NOT NULL)");
}

/** The transactions that committed, by id. */
export async function committedDecisions(sql: Sql): Promise<Set<string>> {
  return new Set((await sql.query<{ id: string }>("SELECT id FROM decision_log")).map((row) => row.id));
}

/**
 * Writes down what every transaction of a process decides, numbered while the transaction still holds its locks: so the
 * numbers are the one true order of decisions, whatever the order in which they are answered.
 */
export function logDecisions(database: Database, log: LoggedDecision[]): void {
  const { pipelined } = database;
  const run = pipelined.run.bind(pipelined);
  const transaction = database.transaction.bind(database);
  const entry = async (sql: Sql, now: number | null, decided: unknown) => {
    const id = randomUUID();
    const [row] = await sql.query<{ n: string }>(takeNumber, [id], "take_decision_number");
    log.push({ id, n: Number(row?.n), now, doing: doing.getStore(), decided, undone: false });
  };
  pipelined.run = (firstSql, fn) =>
    run(firstSql, async (sql) => {
      const watch = watched(sql);
      const last = await fn(watch.sql);
      await entry(sql, watch.now(), last.answer(last.statements.map(() => [])));
      return last;
    });
  database.transaction = (fn, firstSql) =>
    transaction(async (inner) => {
      const watch = watched(inner);
      const query = inner.query.bind(inner);
      inner.query = watch.sql.query;
      try {
        const decided = await fn(inner);
        await entry({ query }, watch.now(), decided);
        return decided;
      } catch (error) {
        if (error instanceof VoidRefusedError) {
          const [row] = await query<{ n: string }>("SELECT nextval('decision_order') AS n");
          log.push({
            id: randomUUID(),
            n: Number(row?.n),
            now: watch.now(),
            doing: doing.getStore(),
            decided: error.outcome,
            undone: true,
          });
        }
        throw error;
      }
    }, firstSql);
}

/** Notes the instant that holds are expired at. */
function watched(sql: Sql): { sql: Sql; now: () => number | null } {
  let now: number | null = null;
  const query = sql.query.bind(sql);
  return {
    now: () => now,
    sql: {
      query(text, values, name) {
        const [customers, at] = values ?? [];
        if (name === "limit_expire_holds" && (customers as string[]).length > 0) now = Date.parse(String(at));
        return query(text, values, name);
      },
    },
  };
}
