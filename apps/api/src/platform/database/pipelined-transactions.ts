import { type CustomTypesConfig, Pool, type PoolClient, type QueryResult, type QueryResultRow } from "pg";
import type { Sql, SqlValue } from "./sql.ts";
import { type PreparedStatement, prepareOn, type TextRow, TransactionAtOnce } from "./transaction-at-once.ts";

/**
 * The end of a pipelined transaction, as data: what is left to send, and how to read the answers. It is complete before
 * any of it is sent, because COMMIT is sent right behind it: a statement that could not be made after another was sent
 * would commit half of the work.
 */
export type LastStatements<T> = {
  statements: readonly PreparedStatement[];
  /** One list of rows a statement, in order. */
  answer: (rows: readonly TextRow[][]) => T;
};

/**
 * Transactions that do not wait for an answer they do not need: the first statement travels with BEGIN, the last ones
 * with COMMIT, so a transaction that would be five round trips is two. For the path where round trips are the cost. The
 * connections are its own, because a pipelined one must never be used by a library that is not aware of it.
 */
export class PipelinedTransactions {
  readonly #pool: Pool;

  constructor(settings: { connectionString: string; max: number } & Record<string, unknown>) {
    this.#pool = new Pool({ ...settings, pipeline: true });
    // An idle connection that breaks is replaced by the pool; who uses one hears of it by a failed statement.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /**
   * Runs a transaction (read committed) that begins with `firstSql`, without parameters. It is committed when the
   * promise resolves, and rolled back, with the first error of any of its statements, when it rejects.
   */
  run<T>(firstSql: string, fn: (sql: Sql) => Promise<LastStatements<T>>): Promise<T> {
    return this.#withClient((client) => runOn(client, firstSql, fn));
  }

  /**
   * Runs a transaction (read committed) whose statements are all known, in one round trip: the rows of each, as text. It
   * is committed when the promise resolves, and nothing of it was done when it rejects, with the first error.
   */
  runAtOnce(statements: readonly PreparedStatement[]): Promise<TextRow[][]> {
    return this.#withClient(async (client) => {
      await prepareOn(client, statements);
      return new Promise((resolve, reject) => {
        client.query(
          new TransactionAtOnce(statements, (error, answers) => (error === null ? resolve(answers) : reject(error))),
        );
      });
    });
  }

  async #withClient<T>(fn: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken = false;
    try {
      return await fn(client);
    } catch (error) {
      broken = await client.query("ROLLBACK").then(
        () => false,
        () => true,
      );
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.#pool.end();
  }
}

async function runOn<T>(
  client: PoolClient,
  firstSql: string,
  fn: (sql: Sql) => Promise<LastStatements<T>>,
): Promise<T> {
  const opening = settled(client.query(`BEGIN; ${firstSql}`));
  const sql = new BodySql(client);
  const body = await settled(fn(sql));
  sql.end();
  if (!body.ok) {
    // Answers come in order: when the opening failed, everything after it failed because of that.
    const opened = await opening;
    throw opened.ok ? body.error : opened.error;
  }
  const sent = body.value.statements.map(({ text, values, name }) =>
    settled(client.query<(string | null)[]>({ text, values: [...values], name, rowMode: "array", types: asText })),
  );
  const commit = settled<QueryResult>(client.query("COMMIT"));
  valueOf(await opening);
  const rows = (await Promise.all(sent)).map((one) => valueOf(one).rows);
  const { command } = valueOf(await commit);
  // A transaction in which a statement failed answers COMMIT with ROLLBACK.
  if (command !== "COMMIT") throw new Error(`Invariant broken: COMMIT was answered with ${command}`);
  return body.value.answer(rows);
}

/** Leaves what the server sent as it is. */
const asText = { getTypeParser: () => (text: string) => text } as unknown as CustomTypesConfig;

function valueOf<T>(one: Settled<T>): T {
  if (!one.ok) throw one.error;
  return one.value;
}

type Settled<T> = { ok: true; value: T } | { ok: false; error: unknown };

/** A promise whose failure is looked at later, and which is no unhandled rejection until then. */
function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value): Settled<T> => ({ ok: true, value }),
    (error: unknown): Settled<T> => ({ ok: false, error }),
  );
}

/** What the body of a transaction reads with, until it has ended. */
class BodySql implements Sql {
  readonly #client: PoolClient;
  #ended = false;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async query<Row extends QueryResultRow>(text: string, values?: readonly SqlValue[], name?: string): Promise<Row[]> {
    // Behind the COMMIT or ROLLBACK it would be done by itself.
    if (this.#ended) throw new Error("Invariant broken: the transaction has ended");
    const config = { text, values: values as unknown[] | undefined, ...(name === undefined ? {} : { name }) };
    return (await this.#client.query<Row>(config as never)).rows;
  }

  end(): void {
    this.#ended = true;
  }
}
