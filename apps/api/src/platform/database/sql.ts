import type { QueryResultRow } from "pg";
import type { EntityManager } from "typeorm";

/** A value that may be bound to a placeholder. Instants go as `Date`, decimals and 64-bit integers as text. */
export type SqlValue =
  | string
  | number
  | boolean
  | bigint
  | Date
  | Buffer
  | null
  | undefined
  | readonly SqlValue[]
  | object;

/** What runs SQL: the database itself, a transaction, or a member's view. */
export interface Sql {
  /**
   * Runs one statement and answers its rows. `numeric` and `int8` come back as strings, `timestamptz` as `Date`.
   * With a `name` the statement is prepared once a connection.
   */
  query<Row extends QueryResultRow>(text: string, values?: readonly SqlValue[], name?: string): Promise<Row[]>;
}

/** A transaction under way. The manager is TypeORM's, on the same connection. */
export interface Transaction extends Sql {
  readonly manager: EntityManager;
}
