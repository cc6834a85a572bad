import { describe, expect, test } from "vitest";
import { decodeCursor, encodeCursor, pageSize, toPage } from "./page.ts";

describe("pageSize", () => {
  test.each([1, 50, 200])("%d rows are a page", (first) => {
    expect(pageSize(first)).toBe(first);
  });

  test.each([0, -1, 201, 1.5, Number.NaN])("%d rows are refused by name", (first) => {
    expect(() => pageSize(first)).toThrow("first must be from 1 to 200.");
  });
});

describe("cursors", () => {
  test("hold any text, and are safe in a URL", () => {
    for (const parts of [
      ["a", "b"],
      ["", "ä😀\n"],
      ["x".repeat(1_000), "\0"],
    ]) {
      const cursor = encodeCursor(parts);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeCursor(cursor, 2)).toEqual(parts);
    }
  });

  test.each([
    ["no base64 of JSON", "nonsense"],
    ["empty", ""],
    ["of another list", encodeCursor(["a", "b", "c"])],
    ["with a value that is no text", Buffer.from('["a", 1]').toString("base64url")],
    ["no list", Buffer.from('{"0":"a","1":"b"}').toString("base64url")],
  ])("a cursor that is %s is refused by name", (_what, cursor) => {
    expect(() => decodeCursor(cursor, 2)).toThrow("after is not a cursor of this list.");
  });
});

describe("toPage", () => {
  const cursorOf = (row: string) => [row];

  test("the row past the page only says that there are more", () => {
    expect(toPage(["a", "b", "c"], 2, cursorOf)).toEqual({
      nodes: ["a", "b"],
      pageInfo: { hasNextPage: true, endCursor: encodeCursor(["b"]) },
    });
  });

  test("a full last page has no next one, and an empty one has no cursor", () => {
    expect(toPage(["a", "b"], 2, cursorOf).pageInfo).toEqual({ hasNextPage: false, endCursor: encodeCursor(["b"]) });
    expect(toPage([], 2, cursorOf)).toEqual({ nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
  });
});
