import pg from "pg";

/** What stays from run to run: the catalog, which is the same in all of them. */
const kept = new Set(["schema_migration", "meter", "plan", "plan_version"]);
/** Deleted rows leave room that is only given back by a truncation, which costs more than a few deletes. */
const truncateEvery = 50;

/** One database for many runs. Emptying it takes milliseconds, a new one a second. */
export class SimulationDatabase {
  readonly url: string;
  /** As superuser, for what belongs to no process. */
  readonly admin: pg.Client;
  #tables: string[] = [];
  #uses = 0;

  private constructor(url: string, admin: pg.Client) {
    this.url = url;
    this.admin = admin;
  }

  static async open(database: { url: string; adminUrl: string }): Promise<SimulationDatabase> {
    const admin = new pg.Client({ connectionString: database.adminUrl });
    // A server that is stopped before us says so on every connection; whoever asks it something then hears of it.
    admin.on("error", () => undefined);
    await admin.connect();
    await admin.query("SET synchronous_commit = off");
    return new SimulationDatabase(database.url, admin);
  }

  /** Takes everything out of it but the catalog. */
  async empty(): Promise<void> {
    if (this.#tables.length === 0) this.#tables = await this.#emptiedTables();
    this.#uses += 1;
    if (this.#uses % truncateEvery === 0) {
      await this.admin.query(`TRUNCATE ${this.#tables.join(", ")} CASCADE`);
      return;
    }
    // Without triggers the order does not matter; all rows go, so no reference is left hanging.
    const deletes = this.#tables.map((table) => `DELETE FROM ${table}`).join("; ");
    await this.admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${deletes}; COMMIT`);
  }

  async close(): Promise<void> {
    await this.admin.end();
  }

  async #emptiedTables(): Promise<string[]> {
    const { rows } = await this.admin.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    return rows.map((row) => row.name).filter((name) => !kept.has(name));
  }
}
