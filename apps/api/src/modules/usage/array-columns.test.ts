import { describe, expect, it } from "vitest";
import { arrayLiteral } from "./array-columns.ts";

describe("array literals", () => {
  it("plain values stand as they are, absent ones as NULL", () => {
    expect(arrayLiteral([1, null, 2.5], { plain: (value) => value })).toBe("{1,NULL,2.5}");
    expect(arrayLiteral([true, false], { plain: (value) => value })).toBe("{true,false}");
  });

  it("text is quoted, so that commas, braces, spaces, quotes, backslashes and the word NULL are themselves", () => {
    const texts = ["a,b", "{x}", " ", "", 'say "hi"', "back\\slash", "NULL", null];
    expect(arrayLiteral(texts, { text: (value) => value })).toBe(
      '{"a,b","{x}"," ","","say \\"hi\\"","back\\\\slash","NULL",NULL}',
    );
  });

  it("nothing but nulls is an empty array, which unnest fills up beside the others", () => {
    expect(arrayLiteral([1, 2], { plain: () => null })).toBe("{}");
    expect(arrayLiteral([1, 2], { text: () => null })).toBe("{}");
    expect(arrayLiteral([null, "a"], { text: (value) => value })).toBe('{NULL,"a"}');
  });

  it("no rows are an empty array", () => {
    expect(arrayLiteral([], { plain: () => 1 })).toBe("{}");
  });
});
