import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "./database.ts";
import { openTestDatabase } from "./database.testing.ts";
import type { Transaction } from "./sql.ts";

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
const insert = (transaction: Transaction, text: string) =>
  transaction.query("INSERT INTO note (text) VALUES ($1)", [text]);

describe("a transaction", () => {
  it("that fails leaves nothing, nor does what was asked for together with the statement that failed", async () => {
    const attempt = database.transaction(async (transaction) => {
      await insert(transaction, "taken");
      await Promise.all(["taken", "a", "b", "c"].map((text) => insert(transaction, text)));
    });
    await expect(attempt).rejects.toThrow(/duplicate key/);
    expect(await notes()).toEqual([]);
    // Also not a moment later, by what still stood in line.
    await Promise.all(Array.from({ length: 10 }, () => database.query("SELECT 1")));
    expect(await notes()).toEqual([]);
  });

  it("that changes its mind leaves nothing, nor does what it did not wait for", async () => {
    const late: Promise<unknown>[] = [];
    const attempt = database.transaction(async (transaction) => {
      late.push(...["a", "b", "c"].map((text) => insert(transaction, text).catch((error: Error) => error.message)));
      throw new Error("changed my mind");
    });
    await expect(attempt).rejects.toThrow("changed my mind");
    expect(await Promise.all(late)).toContain("Invariant broken: the transaction has ended");
    expect(await notes()).toEqual([]);
  });

  it("takes nothing after its end, whoever has its connection then", async () => {
    let kept: Transaction | null = null;
    await database.transaction(async (transaction) => {
      kept = transaction;
      await insert(transaction, "inside");
    });
    await expect(insert(kept as unknown as Transaction, "after")).rejects.toThrow("the transaction has ended");
    expect(await notes()).toEqual(["inside"]);
  });
});
