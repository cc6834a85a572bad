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
    expect(answer).toEqual([[["second"]], [["third"]]]);
    expect(await notes()).toEqual(["first", "second", "third"]);
  });

  it("take nothing from a body that has ended", async () => {
    let late: Promise<unknown> | null = null;
    const attempt = database.pipelined.run("SELECT 1", async (sql) => {
      late = sql.query("SELECT 1").then(() => sql.query("INSERT INTO note (text) VALUES ('late')"));
      late.catch(() => undefined);
      throw new Error("changed my mind");
    });
    await expect(attempt).rejects.toThrow("changed my mind");
    await expect(late).rejects.toThrow("the transaction has ended");
    expect(await notes()).toEqual([]);
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

  it("sent at once commit everything, and answer each statement's rows as text", async () => {
    const count = {
      text: "SELECT count(*), NULL FROM note WHERE text <> $1::text",
      values: ["x"],
      name: "count_notes",
    };
    const run = (text: string) => database.pipelined.runAtOnce([insert(text), count]);
    expect(await run("first")).toEqual([[["first"]], [["1", null]]]);
    expect(await run("second")).toEqual([[["second"]], [["2", null]]]);
    expect(await notes()).toEqual(["first", "second"]);
  });

  it("sent at once leave nothing when any statement fails, first or last, and the connection serves on", async () => {
    const fail = { text: "SELECT 1 / $1::int", values: ["0"], name: "divide" };
    for (const statements of [
      [insert("a"), fail],
      [fail, insert("b")],
      [insert("c"), insert("c")],
    ]) {
      await expect(database.pipelined.runAtOnce(statements)).rejects.toMatchObject({ severity: "ERROR" });
    }
    expect(await notes()).toEqual([]);
    await database.pipelined.runAtOnce([insert("after")]);
    expect(await notes()).toEqual(["after"]);
  });

  it("give up a lock that is held for longer than callers in a group should wait", async () => {
    const blocked = database.transaction(async (transaction) => {
      await transaction.query("LOCK TABLE note");
      return database.pipelined.runAtOnce([insert("late")]).catch((error: { code: string }) => error.code);
    });
    expect(await blocked).toBe("55P03");
    expect(await notes()).toEqual([]);
  });

  it("a transaction whose failed statement was swallowed is not answered as committed", async () => {
    const swallowed = database.transaction(async (transaction) => {
      await transaction.query("SELECT 1 / 0").catch(() => undefined);
      return "done";
    });
    await expect(swallowed).rejects.toThrow("answered with ROLLBACK");
  });
});
