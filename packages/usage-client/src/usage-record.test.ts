import { describe, expect, test } from "vitest";
import { prepareUsage, type UsageRecord } from "./usage-record.ts";

const base = { customerId: "c-1", meterKey: "api_requests" };
const prepare = (record: UsageRecord) => prepareUsage(record, { now: 0, newKey: () => "new-key" });

describe("prepareUsage", () => {
  test("fills in quantity, time and key", () => {
    expect(prepare(base)).toEqual({
      ok: true,
      usage: {
        idempotencyKey: "new-key",
        json: '{"customerId":"c-1","meterKey":"api_requests","quantity":"1","occurredAt":"1970-01-01T00:00:00.000Z","idempotencyKey":"new-key"}',
      },
    });
  });

  test.each<[string, UsageRecord]>([
    ["customerId", { meterKey: "m" }],
    ["customerId", { ...base, externalCustomerId: "x" }],
    ["customerId", { ...base, customerId: "" }],
    ["meterKey", { ...base, meterKey: "" }],
    ["quantity", { ...base, quantity: "1e400" }],
    ["quantity", { ...base, quantity: "NaN" }],
    ["quantity", { ...base, quantity: "+1" }],
    ["quantity", { ...base, quantity: 0.1 }],
    ["quantity", { ...base, quantity: "1234567890123456789" }],
    ["quantity", { ...base, quantity: "0.1234567890123" }],
    ["occurredAt", { ...base, occurredAt: "2026-05-01T12:00:00" }],
    ["occurredAt", { ...base, occurredAt: new Date(Number.NaN) }],
    ["idempotencyKey", { ...base, idempotencyKey: "" }],
    ["idempotencyKey", { ...base, idempotencyKey: "k".repeat(256) }],
    ["properties", { ...base, properties: { big: "x".repeat(4_096) } }],
    ["properties", { ...base, properties: { nested: {} as never } }],
  ])("names %s when it cannot be sent", (field, record) => {
    expect(prepare(record)).toMatchObject({ ok: false, field });
  });

  test.each<[string, UsageRecord["quantity"]]>([
    ["-80995", "-80995"],
    ["-80995", -80_995],
    ["9170842550", 9_170_842_550n],
    ["123456789012345678.123456789012", "123456789012345678.123456789012"],
  ])("takes the quantity %s", (text, quantity) => {
    const prepared = prepare({ ...base, quantity });
    expect(prepared.ok && JSON.parse(prepared.usage.json).quantity).toBe(text);
  });

  test("a key of 255 characters may be 510 UTF-16 units", () => {
    expect(prepare({ ...base, idempotencyKey: "😀".repeat(255) }).ok).toBe(true);
    expect(prepare({ ...base, idempotencyKey: "😀".repeat(256) }).ok).toBe(false);
  });
});
