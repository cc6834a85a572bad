import { describe, expect, it } from "vitest";
import { dimensionOf } from "./usage-dimension.ts";
import { accepted, judge, meterOf, verdict } from "./usage.testing.ts";

describe("the values that usage is grouped by", () => {
  it("are a JSON array in the meter's order, empty where not sent or null", () => {
    expect(dimensionOf(["model", "region"], { region: "eu", model: 7 })).toEqual({ ok: true, key: '["7","eu"]' });
    expect(dimensionOf(["model", "region"], { model: null })).toEqual({ ok: true, key: '["",""]' });
    expect(dimensionOf(["model"], null)).toEqual({ ok: true, key: '[""]' });
    expect(dimensionOf([], { model: "large" })).toEqual({ ok: true, key: null });
  });

  it("are never what an object merely inherits", () => {
    expect(dimensionOf(["constructor", "toString"], { a: 1 })).toEqual({ ok: true, key: '["",""]' });
  });

  it("have at most 255 characters each", () => {
    const meter = meterOf({ groupBy: ["model"] });
    expect(accepted({ properties: { model: "m".repeat(255) } }, { meter }).dimensionKey).toHaveLength(259);
    expect(verdict({ properties: { model: "😀".repeat(255) } }, { meter })).toBe("accepted");
    expect(judge({ properties: { model: "m".repeat(256) } }, { meter })).toEqual({
      ok: false,
      refusal: {
        code: "INVALID_PROPERTIES",
        field: "properties.model",
        message: 'Usage is grouped by "model", which has more than 255 characters. Send a shorter value.',
      },
    });
  });

  it("take at most 1,024 bytes together, so that every key fits an index", () => {
    const meter = meterOf({ groupBy: ["a", "b"] });
    // ["…","…"] is 7 bytes around the values: 255 × 3 + 252 = 1,017 is the most that fits.
    const euros = "€".repeat(255);
    expect(verdict({ properties: { a: euros, b: "b".repeat(252) } }, { meter })).toBe("accepted");
    expect(verdict({ properties: { a: euros, b: "b".repeat(253) } }, { meter })).toBe(
      "INVALID_PROPERTIES at properties",
    );
  });
});

describe("the value property", () => {
  const meter = meterOf({
    valueProperty: "tokens",
    filters: [{ property: "status", operator: "IN", values: ["ok"] }],
  });

  it("may be absent from an event that the filters leave out: there is nothing to count", () => {
    expect(accepted({ properties: { status: "failed" } }, { meter })).toMatchObject({
      counted: false,
      quantityText: "1",
    });
    expect(verdict({ properties: { status: "ok" } }, { meter })).toBe("INVALID_PROPERTIES at properties.tokens");
  });

  it("is still judged when an event that is left out holds it", () => {
    expect(verdict({ properties: { status: "failed", tokens: "many" } }, { meter })).toBe(
      "INVALID_PROPERTIES at properties.tokens",
    );
  });

  it("refuses whole numbers past 2^53, which JSON has already rounded; as text they are exact", () => {
    const plain = meterOf({ valueProperty: "tokens" });
    expect(accepted({ properties: { tokens: 9007199254740991 } }, { meter: plain }).quantityText).toBe(
      "9007199254740991",
    );
    expect(verdict({ properties: { tokens: 2 ** 53 } }, { meter: plain })).toBe(
      "INVALID_PROPERTIES at properties.tokens",
    );
    expect(accepted({ properties: { tokens: "9007199254740993" } }, { meter: plain }).quantityText).toBe(
      "9007199254740993",
    );
  });

  it("of a UNIQUE_COUNT meter refuses them too: two customers' ids would become one", () => {
    const unique = meterOf({ aggregation: "UNIQUE_COUNT", valueProperty: "user" });
    expect(verdict({ properties: { user: 2 ** 53 } }, { meter: unique })).toBe("INVALID_PROPERTIES at properties.user");
    expect(accepted({ properties: { user: "😀".repeat(255) } }, { meter: unique }).uniqueValue).toHaveLength(510);
    expect(verdict({ properties: { user: "😀".repeat(256) } }, { meter: unique })).toBe(
      "INVALID_PROPERTIES at properties.user",
    );
  });
});

describe("idempotency keys", () => {
  it.each(["\u0080", "a\u0085b", "\u009f"])("%j, a control character of the second block, is refused", (key) => {
    expect(verdict({ idempotencyKey: key })).toBe("INVALID_IDEMPOTENCY_KEY at idempotencyKey");
  });

  it("may be any other Unicode text", () => {
    for (const idempotencyKey of ["ключ-1", "鍵", "clé é", " spaced ", "\u00a0"]) {
      expect(accepted({ idempotencyKey }).idempotencyKey).toBe(idempotencyKey);
    }
  });
});
