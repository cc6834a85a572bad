import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "./database.ts";
import { openTestDatabase } from "./database.testing.ts";

let database: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database, close } = await openTestDatabase());
  await database.query("CREATE TABLE note (text text PRIMARY KEY)");
});
beforeEach(() => database.query("DELETE FROM note").then(() => undefined));
afterAll(() => close());

const notes = async () =>
  (await database.query<{ text: string }>("SELECT text FROM note ORDER BY text")).map((row) => row.text);
const insert = (text: string) => ({
  text: "INSERT INTO note (text) VALUES ($1) RETURNING text",
  values: [text],
  name: "insert_note",
});

describe("pipelined transactions", () => {
  it("commit everything, and answer with the rows of the last statements", async () => {
    const answer = await database.pipelined.run("SELECT 1", async (sql) => {
      await sql.query("INSERT INTO note (text) VALUES ('first')");
      return {
        statements: [
          { ...insert("second"), name: "note_a" },
          { ...insert("third"), name: "note_b" },
        ],
        answer: (rows) => rows,
      };
    });
    expect(answer).toEqual([[{ text: "second" }], [{ text: "third" }]]);
    expect(await notes()).toEqual(["first", "second", "third"]);
  });

  it("leave nothing when the opening, the body or a last statement fails, and the connection serves on", async () => {
    const failing = [
      () =>
        database.pipelined.run("SELECT 1 / 0", async (sql) => {
          await sql.query("INSERT INTO note (text) VALUES ('a')");
          return { statements: [], answer: () => null };
        }),
      () =>
        database.pipelined.run("SELECT 1", async (sql) => {
          await sql.query("INSERT INTO note (text) VALUES ('b')");
          throw new Error("changed my mind");
        }),
      () =>
        database.pipelined.run("SELECT 1", async (sql) => {
          await sql.query("INSERT INTO note (text) VALUES ('c')");
          return { statements: [insert("c")], answer: () => null };
        }),
    ];
    const faults = [];
    for (const attempt of failing) faults.push(await attempt().catch((error: Error) => error.message));
    expect(faults).toEqual(["division by zero", "changed my mind", expect.stringContaining("duplicate key")]);
    expect(await notes()).toEqual([]);
    await database.pipelined.run("SELECT 1", async () => ({ statements: [insert("after")], answer: () => null }));
    expect(await notes()).toEqual(["after"]);
  });

  it("a transaction whose failed statement was swallowed is not answered as committed", async () => {
    const swallowed = database.transaction(async (transaction) => {
      await transaction.query("SELECT 1 / 0").catch(() => undefined);
      return "done";
    });
    await expect(swallowed).rejects.toThrow("answered with ROLLBACK");
  });
});
