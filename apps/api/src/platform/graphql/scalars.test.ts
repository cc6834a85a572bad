import { type GraphQLScalarType, parseValue } from "graphql";
import { describe, expect, test } from "vitest";
import { DateTimeScalar, DecimalScalar, JSONObjectScalar } from "./scalars.ts";

const literal = (scalar: GraphQLScalarType, text: string, variables: Record<string, unknown> = {}): unknown =>
  scalar.parseLiteral(parseValue(text), variables);

describe("Decimal", () => {
  test("text passes as it is: the domain judges it, item by item", () => {
    for (const text of ["12.5", "1e400", "NaN", "", "9".repeat(40)]) expect(DecimalScalar.parseValue(text)).toBe(text);
  });

  test("a JSON number passes only where it is exact", () => {
    expect(DecimalScalar.parseValue(9_007_199_254_740_991)).toBe("9007199254740991");
    expect(DecimalScalar.parseValue(-3)).toBe("-3");
    for (const value of [0.1, 9_007_199_254_740_992, Number.POSITIVE_INFINITY, true, null, ["1"]])
      expect(() => DecimalScalar.parseValue(value)).toThrow('Decimal must be sent as a string, such as "12.5".');
  });

  test("a number written in the query keeps every digit", () => {
    expect(literal(DecimalScalar, "0.100000000000000000001")).toBe("0.100000000000000000001");
    expect(literal(DecimalScalar, "123456789012345678901234567890")).toBe("123456789012345678901234567890");
    expect(literal(DecimalScalar, '"12.50"')).toBe("12.50");
    for (const text of ["true", "[1]", "{a: 1}", "ENUM"]) expect(() => literal(DecimalScalar, text)).toThrow("string");
  });
});

describe("DateTime", () => {
  test("answers are in UTC with milliseconds", () => {
    expect(DateTimeScalar.serialize(new Date("2026-11-23T10:00:00+01:00"))).toBe("2026-11-23T09:00:00.000Z");
    expect(DateTimeScalar.serialize(0)).toBe("1970-01-01T00:00:00.000Z");
    expect(() => DateTimeScalar.serialize("2026-11-23")).toThrow("DateTime");
  });

  test("only text is taken", () => {
    expect(DateTimeScalar.parseValue("tomorrow")).toBe("tomorrow");
    expect(literal(DateTimeScalar, '"tomorrow"')).toBe("tomorrow");
    expect(() => DateTimeScalar.parseValue(1_700_000_000_000)).toThrow("DateTime must be a string.");
    expect(() => literal(DateTimeScalar, "1700000000000")).toThrow("DateTime must be a string.");
  });
});

describe("JSONObject", () => {
  test("an object passes, also written in the query, with variables inside", () => {
    expect(JSONObjectScalar.parseValue({ a: [1, { b: null }] })).toEqual({ a: [1, { b: null }] });
    expect(
      literal(JSONObjectScalar, '{a: 1, b: "x", c: [true, null, -1.5], d: {e: $model}}', { model: "large" }),
    ).toEqual({ a: 1, b: "x", c: [true, null, -1.5], d: { e: "large" } });
  });

  test("anything else is refused", () => {
    for (const value of [[], "{}", 1, null]) expect(() => JSONObjectScalar.parseValue(value)).toThrow("JSONObject");
    expect(() => literal(JSONObjectScalar, "[1]")).toThrow("JSONObject must be an object.");
  });

  test("a name that every object inherits becomes a plain property", () => {
    const parsed = literal(JSONObjectScalar, '{__proto__: {admin: true}, constructor: "x"}') as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(["__proto__", "constructor"]);
    expect(parsed["admin"]).toBeUndefined();
  });
});
