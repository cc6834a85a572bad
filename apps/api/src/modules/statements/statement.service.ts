import { authorize, readAs, type Viewer } from "../../platform/auth/index.ts";
import { type Database, isUuid } from "../../platform/database/index.ts";
import { badUserInput, decodeCursor, type PageInfo, pageSize, toPage } from "../../platform/graphql/index.ts";
import type { BillingProfile } from "../catalog/index.ts";
import { findStatement, listStatements, type StatementRecord } from "./statement.repository.ts";
import { type StoredStatementLine, statementLinesOf } from "./statement-line.repository.ts";

/** Reads statements for members and staff. */
export class StatementService {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A page of a customer's statements, latest first. */
  async list(
    viewer: Viewer,
    profile: BillingProfile,
    query: { first: number; after: string | null },
  ): Promise<{ nodes: StatementRecord[]; pageInfo: PageInfo }> {
    const first = pageSize(query.first);
    const [issuedAt, id] = query.after === null ? [] : decodeCursor(query.after, 2);
    if (query.after !== null && (issuedAt === undefined || Number.isNaN(Date.parse(issuedAt)) || !isUuid(id ?? "")))
      throw badUserInput("after is not a cursor of this list.", "after");
    const after = issuedAt === undefined || id === undefined ? null : { issuedAt, id };
    const rows = await readAs(this.#database, viewer, (sql) =>
      listStatements(sql, { customerId: profile.customerId, after, limit: first + 1 }),
    );
    const shown = rows.map((row) => shownTo(viewer, row));
    return toPage(shown, first, (row) => [new Date(row.issuedAt).toISOString(), row.id]);
  }

  /** One statement, or null; a member's own only. */
  async find(viewer: Viewer, id: string): Promise<StatementRecord | null> {
    if (!isUuid(id)) return null;
    const found = await readAs(this.#database, viewer, (sql) => findStatement(sql, id));
    if (found === null) return null;
    authorize(viewer, { to: "READ_USAGE", customerId: found.customerId });
    return shownTo(viewer, found);
  }

  /** The lines of a statement that was read for the same viewer. */
  lines(viewer: Viewer, of: { customerId: string; id: string; currency: string }): Promise<StoredStatementLine[]> {
    return readAs(this.#database, viewer, (sql) => statementLinesOf(sql, of));
  }
}

/** What staff still look into is not the customer's business yet. */
function shownTo(viewer: Viewer, statement: StatementRecord): StatementRecord {
  if (viewer.kind === "STAFF") return statement;
  return {
    ...statement,
    state: statement.state === "HELD" ? "PREPARING" : statement.state,
    acceptedReason: null,
  };
}
