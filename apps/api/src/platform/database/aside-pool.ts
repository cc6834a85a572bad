import { Pool, type QueryResultRow } from "pg";
import type { Sql, SqlValue } from "./sql.ts";

/**
 * A few connections beside the pool, for short statements that must not wait in its line: under load hundreds of requests
 * wait there, and whoever watches a customer live would hear of it only after all of them.
 */
export class AsidePool implements Sql {
  readonly #pool: Pool;

  constructor(settings: { connectionString: string; max: number } & Record<string, unknown>) {
    this.#pool = new Pool(settings);
    // An idle connection that breaks is replaced by the pool; who uses one hears of it by a failed statement.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  async query<Row extends QueryResultRow>(text: string, values?: readonly SqlValue[], name?: string): Promise<Row[]> {
    const statement = { text, values: values as unknown[] | undefined, ...(name === undefined ? {} : { name }) };
    return (await this.#pool.query<Row>(statement as never)).rows;
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.#pool.end();
  }
}
