import { type Connection, type DatabaseError, type PoolClient, Query, types } from "pg";

/** A statement that is prepared once a connection under its name, with its parameters as text. */
export type PreparedStatement = { text: string; values: readonly string[]; name: string };

/** Rows as the server sent them: text by column position, nothing read from it yet. */
export type TextRow = readonly (string | null)[];

const readTimestamp = types.getTypeParser(types.builtins.TIMESTAMPTZ) as (text: string) => Date;

/** The milliseconds of a `timestamptz` in a {@link TextRow}. */
export function instantOfText(text: string): number {
  return readTimestamp(text).getTime();
}

/** What `pg` has on a connection and its types leave out. */
type Wire = {
  bind(config: { statement: string; values: readonly string[] }): void;
  execute(config: object): void;
  sync(): void;
  stream: { cork(): void; uncork(): void };
};

/**
 * A transaction that is known as a whole before it is sent: every statement and one Sync in one packet, answered in one.
 * PostgreSQL runs what stands between two Syncs as one transaction (its docs, 54.2.3): it commits at the Sync, and a
 * statement that fails skips the rest and undoes the whole. `pg` sends a Sync behind each statement, which costs both
 * sides a system call a statement. The statements must be prepared on the connection already.
 */
export class TransactionAtOnce extends Query {
  readonly #statements: readonly PreparedStatement[];
  readonly #answers: TextRow[][] = [];
  readonly #settle: (error: Error | null, answers: TextRow[][]) => void;
  #rows: TextRow[] = [];

  constructor(statements: readonly PreparedStatement[], settle: (error: Error | null, answers: TextRow[][]) => void) {
    super({ text: "" });
    this.#statements = statements;
    this.#settle = settle;
  }

  override submit = (connection: Connection): void => {
    const wire = connection as unknown as Wire;
    wire.stream.cork();
    for (const { name, values } of this.#statements) {
      wire.bind({ statement: preparedName(name), values });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
  };

  handleDataRow(message: { fields: TextRow }): void {
    this.#rows.push(message.fields);
  }

  handleCommandComplete(): void {
    this.#answers.push(this.#rows);
    this.#rows = [];
  }

  handleError(error: DatabaseError): void {
    this.#settle(error, []);
  }

  /** The answer to the Sync: the transaction has committed, unless an error came before it, which ended this query. */
  handleReadyForQuery(): void {
    const complete = this.#answers.length === this.#statements.length;
    this.#settle(complete ? null : new Error("Invariant broken: a statement was not answered"), this.#answers);
  }
}

const preparedOn = new WeakMap<PoolClient, Set<string>>();

/** Apart from the names that `pg` prepares under, on the same connection. */
const preparedName = (name: string): string => `at_once_${name}`;

/** Prepares what is not prepared yet on this connection. */
export async function prepareOn(client: PoolClient, statements: readonly PreparedStatement[]): Promise<void> {
  const prepared = preparedOn.get(client) ?? new Set();
  preparedOn.set(client, prepared);
  for (const { name, text } of statements) {
    if (prepared.has(name)) continue;
    await client.query(`PREPARE ${preparedName(name)} AS ${text}`);
    prepared.add(name);
  }
}
