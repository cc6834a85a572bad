import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseInstant } from "./instant.ts";
import { accepted, judge, meterOf, receivedAt, verdict } from "./usage.testing.ts";

const iso = (at: number) => new Date(at).toISOString();
const dayMs = 86_400_000;

describe("the time of usage", () => {
  it("left out is the time of receipt", () => {
    expect(accepted().occurredAt).toBe(receivedAt);
  });

  it("35 days back is taken, a millisecond more needs backfill", () => {
    expect(verdict({ occurredAt: iso(receivedAt - 35 * dayMs) })).toBe("accepted");
    expect(verdict({ occurredAt: iso(receivedAt - 35 * dayMs - 1) })).toBe("TIMESTAMP_TOO_OLD at occurredAt");
    expect(verdict({ occurredAt: "2000-01-01T00:00:00Z" }, { mayBackfill: true })).toBe("accepted");
    expect(verdict({ occurredAt: "1999-12-31T23:59:59Z" }, { mayBackfill: true })).toBe(
      "TIMESTAMP_TOO_OLD at occurredAt",
    );
  });

  it("5 minutes ahead is taken, a millisecond more is not", () => {
    expect(verdict({ occurredAt: iso(receivedAt + 300_000) })).toBe("accepted");
    expect(verdict({ occurredAt: iso(receivedAt + 300_001) })).toBe("TIMESTAMP_IN_FUTURE at occurredAt");
    expect(verdict({ occurredAt: iso(receivedAt + 300_001) }, { mayBackfill: true })).toBe(
      "TIMESTAMP_IN_FUTURE at occurredAt",
    );
  });

  it.each([
    ["2026-03-10T12:00:00Z", "2026-03-10T12:00:00.000Z"],
    ["2026-03-10t12:00:00z", "2026-03-10T12:00:00.000Z"],
    ["2026-03-10T12:00:00+05:45", "2026-03-10T06:15:00.000Z"],
    ["2026-03-10T12:00:00.1239999Z", "2026-03-10T12:00:00.123Z"],
    ["2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"],
  ])("%s is %s", (text, instant) => {
    expect(parseInstant(text)).toEqual({ ok: true, at: Date.parse(instant) });
  });

  it.each([
    "2026-02-30T00:00:00Z",
    "2026-03-10T24:00:00Z",
    "2026-03-10 12:00:00Z",
    "2026-03-10T12:00:00",
    "2026-03-10",
    "yesterday",
    "",
    "2026-03-10T12:34:60Z",
    "2026-3-10T12:00:00Z",
  ])("%j is no instant, and the message says what to send", (text) => {
    expect(judge({ occurredAt: text })).toMatchObject({
      ok: false,
      refusal: { code: "INVALID_TIMESTAMP", field: "occurredAt", message: expect.stringMatching(/Send|Hours|second/) },
    });
  });

  it("reads every instant that Date writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0) }), (at) => {
        expect(parseInstant(iso(at))).toEqual({ ok: true, at });
      }),
    );
  });
});

describe("idempotency keys", () => {
  it("have 1 to 255 characters, an emoji being one", () => {
    expect(verdict({ idempotencyKey: "" })).toBe("INVALID_IDEMPOTENCY_KEY at idempotencyKey");
    expect(verdict({ idempotencyKey: "🔑".repeat(255) })).toBe("accepted");
    expect(verdict({ idempotencyKey: "🔑".repeat(256) })).toBe("INVALID_IDEMPOTENCY_KEY at idempotencyKey");
    expect(verdict({ idempotencyKey: "k".repeat(256) })).toBe("INVALID_IDEMPOTENCY_KEY at idempotencyKey");
  });

  it.each(["a\u0000b", "a\nb", "\u007f", "\ud800", "x\udc00"])("%j is not text that can be kept", (idempotencyKey) => {
    expect(verdict({ idempotencyKey })).toBe("INVALID_IDEMPOTENCY_KEY at idempotencyKey");
  });
});

describe("quantities", () => {
  it("below zero only where the meter allows it", () => {
    expect(verdict({ quantity: "-1" })).toBe("INVALID_QUANTITY at quantity");
    expect(verdict({ quantity: "-0" })).toBe("accepted");
    expect(verdict({ quantity: "-1" }, { meter: meterOf({ allowNegative: true }) })).toBe("accepted");
  });

  it("are read from the value property, as text or number, and then quantity is left out", () => {
    const meter = meterOf({ valueProperty: "tokens" });
    const read = (tokens: unknown) => accepted({ properties: { tokens } }, { meter }).quantityText;
    expect([read("12.50"), read(3), read(0.1)]).toEqual(["12.5", "3", "0.1"]);
    expect(verdict({ properties: { tokens: 1e21 } }, { meter })).toBe("INVALID_PROPERTIES at properties.tokens");
    expect(verdict({ properties: { tokens: true } }, { meter })).toBe("INVALID_PROPERTIES at properties.tokens");
    expect(verdict({ properties: { tokens: "-1" } }, { meter })).toBe("INVALID_PROPERTIES at properties.tokens");
    expect(verdict({ properties: {} }, { meter })).toBe("INVALID_PROPERTIES at properties.tokens");
    expect(verdict({ quantity: "2", properties: { tokens: "1" } }, { meter })).toBe("INVALID_QUANTITY at quantity");
  });

  it("of a UNIQUE_COUNT meter are the distinct thing as text", () => {
    const meter = meterOf({ aggregation: "UNIQUE_COUNT", valueProperty: "user" });
    const read = (user: unknown) => accepted({ properties: { user } }, { meter }).uniqueValue;
    expect([read("ann"), read(7), read(false)]).toEqual(["ann", "7", "false"]);
    expect(verdict({ properties: { user: "u".repeat(256) } }, { meter })).toBe("INVALID_PROPERTIES at properties.user");
    expect(verdict({ properties: { user: null } }, { meter })).toBe("INVALID_PROPERTIES at properties.user");
  });
});

describe("properties", () => {
  it("are flat", () => {
    for (const properties of [{ a: {} }, { a: [] }, [], "text", 5, { a: Number.POSITIVE_INFINITY }]) {
      expect(verdict({ properties })).toBe("INVALID_PROPERTIES at properties");
    }
    expect(accepted({ properties: { a: "x", b: 1.5, c: true, d: null } }).properties).toEqual({
      a: "x",
      b: 1.5,
      c: true,
      d: null,
    });
  });

  it("take at most 4,096 bytes as JSON in UTF-8", () => {
    // {"a":"…"} is 8 bytes around the text.
    expect(verdict({ properties: { a: "x".repeat(4_088) } })).toBe("accepted");
    expect(verdict({ properties: { a: "x".repeat(4_089) } })).toBe("INVALID_PROPERTIES at properties");
    expect(verdict({ properties: { a: "é".repeat(2_044) } })).toBe("accepted");
    expect(verdict({ properties: { a: "é".repeat(2_045) } })).toBe("INVALID_PROPERTIES at properties");
  });

  it("hold only text that can be kept, in names too", () => {
    expect(verdict({ properties: { a: "\u0000" } })).toBe("INVALID_PROPERTIES at properties");
    expect(verdict({ properties: { "\ud800": 1 } })).toBe("INVALID_PROPERTIES at properties");
    expect(verdict({ properties: { "": 1 } })).toBe("INVALID_PROPERTIES at properties");
    expect(verdict({ properties: JSON.parse('{"__proto__": "x"}') })).toBe("accepted");
  });
});

describe("filters and groups", () => {
  const counted = (operator: "IN" | "NOT_IN" | "EXISTS", properties: unknown) =>
    accepted(
      { properties },
      {
        meter: meterOf({
          filters: [{ property: "status", operator, values: operator === "EXISTS" ? [] : ["ok", "1"] }],
        }),
      },
    ).counted;

  it("an event that fails a filter is kept and not counted; an absent property is in no list", () => {
    expect([{ status: "ok" }, { status: 1 }, { status: "bad" }, null].map((one) => counted("IN", one))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([{ status: "ok" }, { status: "bad" }, null].map((one) => counted("NOT_IN", one))).toEqual([
      false,
      true,
      true,
    ]);
    expect([{ status: "" }, { status: null }, null].map((one) => counted("EXISTS", one))).toEqual([true, false, false]);
  });

  it("group-by values are a JSON array in the meter's order, empty where not sent", () => {
    const meter = meterOf({ groupBy: ["model", "region"] });
    expect(accepted({ properties: { region: 'e"u', model: "m" } }, { meter }).dimensionKey).toBe('["m","e\\"u"]');
    expect(accepted({}, { meter }).dimensionKey).toBe('["",""]');
    expect(accepted().dimensionKey).toBeNull();
  });
});

describe("canonical content", () => {
  const content = (input: Parameters<typeof accepted>[0]) => accepted(input).canonicalContent;

  it("is equal for the same content, however it is written", () => {
    expect(content({ quantity: "1.0" })).toBe(content({ quantity: "1" }));
    expect(content({ occurredAt: "2026-03-10T12:00:00Z" })).toBe(
      content({ occurredAt: "2026-03-10T13:00:00.000+01:00" }),
    );
    expect(content({ properties: { a: 1, b: "2" } })).toBe(content({ properties: { b: "2", a: 1 } }));
    expect(content({ properties: {} })).toBe(content({ properties: null }));
  });

  it("differs where the content differs: quantity, time, whether a time was sent, properties and their types", () => {
    const all = [
      content({}),
      content({ quantity: "2" }),
      content({ occurredAt: iso(receivedAt) }),
      content({ occurredAt: iso(receivedAt - 1) }),
      content({ properties: { a: 1 } }),
      content({ properties: { a: "1" } }),
      content({ properties: { b: 1 } }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
