import type { Pool, PoolClient, QueryResultRow } from "pg";
import type { DataSource, EntityManager, QueryRunner } from "typeorm";
import { AsidePool } from "./aside-pool.ts";
import { connectionSettingsOf, poolOf } from "./data-source.ts";
import { PipelinedTransactions } from "./pipelined-transactions.ts";
import type { Sql, SqlValue, Transaction } from "./sql.ts";

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a lower-case UUID: the only form in which ids are stored and compared. */
export const isUuid = (text: string): boolean => uuidPattern.test(text);

async function run<Row>(
  on: Pool | PoolClient,
  text: string,
  values: readonly SqlValue[] | undefined,
  name: string | undefined,
): Promise<Row[]> {
  const result = await on.query({
    text,
    values: values as unknown[] | undefined,
    ...(name === undefined ? {} : { name }),
  } as never);
  return (result as unknown as { rows: Row[] }).rows;
}

class RunnerTransaction implements Transaction {
  readonly #client: PoolClient;
  readonly #runner: QueryRunner;
  /** The statement before: `pg` takes one at a time on a connection, and reads may be asked for together. */
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(client: PoolClient, runner: QueryRunner) {
    this.#client = client;
    this.#runner = runner;
  }

  get manager(): EntityManager {
    return this.#runner.manager;
  }

  query<Row extends QueryResultRow>(text: string, values?: readonly SqlValue[], name?: string): Promise<Row[]> {
    const next = this.#last.then(() => {
      // Behind the ROLLBACK it would be done by itself, and by then the connection may be somebody else's.
      if (this.#ended) throw new Error("Invariant broken: the transaction has ended");
      return run<Row>(this.#client, text, values, name);
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Waits for all that was asked for. Then nothing is taken any more. */
  async complete(): Promise<void> {
    for (let last = null; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
    this.#ended = true;
  }

  /** Waits for the statement under way; what stands in line behind it is refused. */
  async abandon(): Promise<void> {
    this.#ended = true;
    await this.#last;
  }
}

/** Connections beside the pool. */
const maxAside = 4;
/** Transactions under way at once over pipelined connections. */
const maxPipelined = 4;
/**
 * How long a pipelined transaction waits for a lock. It serves a group of callers, and one customer whose totals are
 * being rebuilt must not hold up all others for as long as that takes.
 */
const pipelinedLockTimeoutMs = 2_000;

/** The one way to the database. */
export class Database implements Sql {
  readonly dataSource: DataSource;
  /** For the path where round trips are the cost; see there. Its connections are opened when they are first used. */
  readonly pipelined: PipelinedTransactions;
  /** For short statements that must not wait in line with requests; see there. */
  readonly aside: AsidePool;

  constructor(dataSource: DataSource) {
    this.dataSource = dataSource;
    this.pipelined = new PipelinedTransactions({
      ...connectionSettingsOf(dataSource),
      max: maxPipelined,
      lock_timeout: pipelinedLockTimeoutMs,
    });
    this.aside = new AsidePool({ ...connectionSettingsOf(dataSource), max: maxAside });
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    await this.pipelined.close();
    await this.aside.close();
    await this.dataSource.destroy();
  }

  get pool(): Pool {
    return poolOf(this.dataSource);
  }

  query<Row extends QueryResultRow>(text: string, values?: readonly SqlValue[], name?: string): Promise<Row[]> {
    return run<Row>(this.pool, text, values, name);
  }

  /**
   * Runs `fn` in one transaction (read committed): committed when it resolves, rolled back when it throws. `firstSql` is
   * sent together with the BEGIN, for a lock that must be held before anything is read; it takes no parameters.
   */
  transaction<T>(fn: (transaction: Transaction) => Promise<T>, firstSql?: string): Promise<T> {
    return this.#inTransaction(firstSql === undefined ? "BEGIN" : `BEGIN; ${firstSql}`, fn);
  }

  /** Runs several reads that see the database as it stood at one moment, so that their numbers agree. */
  snapshot<T>(fn: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTransaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", fn);
  }

  /**
   * The second wall: runs `fn` read-only as the role `meterline_member`, for which row-level security shows the rows of
   * this customer and no other, whatever the SQL forgot. The id is checked and written as a literal because Citus
   * carries only `SET LOCAL` with a literal to its workers.
   */
  asMember<T>(customerId: string, fn: (sql: Sql) => Promise<T>): Promise<T> {
    if (!isUuid(customerId)) return Promise.reject(new Error("Invariant broken: asMember needs a customer's UUID"));
    return this.#inTransaction(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE meterline_member; SET LOCAL meterline.customer_id = '${customerId}'`,
      fn,
    );
  }

  async #inTransaction<T>(opening: string, fn: (transaction: Transaction) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    const transaction = new RunnerTransaction(client, runner);
    try {
      await client.query(opening);
      const answer = await fn(transaction);
      await transaction.complete();
      const { command } = await client.query("COMMIT");
      // A transaction in which a failed statement was swallowed answers COMMIT with ROLLBACK.
      if (command !== "COMMIT") throw new Error(`Invariant broken: COMMIT was answered with ${command}`);
      return answer;
    } catch (error) {
      await transaction.abandon();
      // A broken connection cannot roll back; the server has done so, and the pool discards the connection.
      await client.query("ROLLBACK").catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}
