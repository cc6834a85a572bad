import { Client } from "pg";
import type { Logger } from "../observability/logger.ts";
import { Together } from "./together.ts";

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 10_000;
const mostTogether = 500;
/** Who holds many locks asks for many more: a moment makes one statement of them. */
const manyHeld = 8;
const gatherMs = 10;

type Wish = { take: boolean; lockClass: number; name: string };

/** In the order in which they were asked for: a lock that is given back may be taken again by the next. */
const wishesSql = {
  name: "take_and_give_back_locks",
  text: `
    SELECT CASE WHEN w.take THEN pg_try_advisory_lock(w.class, hashtext(w.name))
      ELSE pg_advisory_unlock(w.class, hashtext(w.name)) END AS locked
    FROM unnest($1::boolean[], $2::integer[], $3::text[]) AS w (take, class, name)`,
};

/**
 * What a process holds as long as it lives: advisory locks of a session, on a connection of its own. PostgreSQL gives
 * them back by itself when the process is killed, at once; so nothing has to expire, and no clock is compared.
 * When only the connection breaks, the locks are gone while this process still works: what is done under one must be
 * safe to do twice, and only usually be done once.
 */
export class SessionLocks {
  readonly #databaseUrl: string;
  readonly #logger: Logger;
  #client: Promise<Client> | null = null;
  /** What this process holds: a session would give itself the same lock again. */
  readonly #held = new Set<string>();
  #closed = false;
  /** A connection does one statement at a time: who waits for it shares the next. */
  readonly #wishes = new Together<Wish, boolean>((wishes) => this.#grant(wishes), {
    max: mostTogether,
    gatherMs: () => (this.#held.size > manyHeld ? gatherMs : 0),
  });

  constructor(databaseUrl: string, logger: Logger) {
    this.#databaseUrl = databaseUrl;
    this.#logger = logger;
  }

  /** Takes a lock if it is free; false when another process, or another part of this one, holds it. */
  async tryLock(lockClass: number, name: string): Promise<boolean> {
    const key = `${lockClass} ${name}`;
    if (this.#held.has(key)) return false;
    this.#held.add(key);
    try {
      if (await this.#wishes.ask({ take: true, lockClass, name })) return true;
    } catch (error) {
      this.#held.delete(key);
      throw error;
    }
    this.#held.delete(key);
    return false;
  }

  /** Gives a lock back. Does nothing where the connection that held it is gone. */
  async unlock(lockClass: number, name: string): Promise<void> {
    this.#held.delete(`${lockClass} ${name}`);
    if (this.#client === null) return;
    try {
      await this.#wishes.ask({ take: false, lockClass, name });
    } catch (error) {
      // A connection that broke has given back everything.
      this.#logger.warn({ err: error }, "could not give back a lock");
    }
  }

  /** Gives back everything. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = null;
    await client?.then(
      (open) => open.end(),
      () => undefined,
    );
  }

  async #grant(wishes: readonly Wish[]): Promise<boolean[]> {
    const client = await this.#connection();
    const columns = [
      wishes.map((wish) => wish.take),
      wishes.map((wish) => wish.lockClass),
      wishes.map((wish) => wish.name),
    ];
    const { rows } = await client.query<{ locked: boolean }>({ ...wishesSql, values: columns });
    return rows.map((row) => row.locked);
  }

  async #connection(): Promise<Client> {
    if (this.#closed) throw new Error("The locks of this process are closed.");
    if (this.#client !== null) return this.#client;
    const opening: Promise<Client> = this.#connect(() => {
      // An old connection may end after the next one was begun.
      if (this.#client === opening) this.#client = null;
    });
    this.#client = opening;
    return opening;
  }

  async #connect(forget: () => void): Promise<Client> {
    const client = new Client({
      connectionString: this.#databaseUrl,
      application_name: "meterline-locks",
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs,
      keepAlive: true,
    });
    client.on("error", (error) => {
      this.#logger.warn({ err: error }, "the connection that holds locks broke");
      forget();
    });
    client.on("end", forget);
    try {
      await client.connect();
      // A machine that has lost its power closes nothing; without this its locks would stay for hours.
      await client.query("SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3");
      return client;
    } catch (error) {
      forget();
      await client.end().catch(() => undefined);
      throw error;
    }
  }
}
