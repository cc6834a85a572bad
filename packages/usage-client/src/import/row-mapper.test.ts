import { describe, expect, test } from "vitest";
import { findFault, type MappedRow, RowMapper, type RowMapping } from "./row-mapper.ts";

const MAPPING: RowMapping = {
  meterKey: "api_requests",
  customerColumn: "customer",
  customerDefault: null,
  quantityColumn: "requests",
  timeColumn: "at",
  timeZone: null,
  keyColumns: ["customer", "at"],
  keyPrefix: "",
  propertyColumns: ["model"],
  countsRepeatedRows: false,
};
const COLUMNS = ["at", "customer", "model", "requests"];
const AT = "2025-01-07T00:10:00Z";

function mapperOf(change: Partial<RowMapping> = {}, shiftDays = 0) {
  const mapper = new RowMapper(COLUMNS, { ...MAPPING, ...change }, { shiftDays });
  return (...values: string[]) => mapper.map({ line: 2, values, fault: null });
}

describe("a row as an event", () => {
  test("columns become the fields of the event", () => {
    expect(mapperOf()(AT, "large-000", "m-large", "799")).toEqual({
      ok: true,
      record: {
        externalCustomerId: "large-000",
        meterKey: "api_requests",
        quantity: "799",
        occurredAt: "2025-01-07T00:10:00.000Z",
        idempotencyKey: "large-000|2025-01-07T00:10:00Z",
        properties: { model: "m-large" },
      },
      units: 799_000_000_000_000n,
      occurredAt: Date.UTC(2025, 0, 7, 0, 10),
      ordinal: 1,
    });
  });

  test("a shift moves the event by whole days and leaves its key", () => {
    const moved = mapperOf({}, 685)(AT, "large-000", "", "1");
    expect(moved).toMatchObject({
      record: { occurredAt: "2026-11-23T00:10:00.000Z", idempotencyKey: `large-000|${AT}`, properties: {} },
    });
  });

  test("different values never meet in one key", () => {
    const map = mapperOf({ keyColumns: ["customer", "model"] });
    const keys = [map(AT, "a|b", "c", "1"), map(AT, "a", "b|c", "1"), map(AT, "a\\", "|b", "1")].map(
      (event) => event.ok && event.record.idempotencyKey,
    );
    expect(new Set(keys).size).toBe(3);
  });

  test("repeated rows get their ordinal in the key only when they count", () => {
    const keysOf = (countsRepeatedRows: boolean) => {
      const map = mapperOf({ countsRepeatedRows, keyColumns: ["at"] });
      return [1, 2, 3].map(() => map(AT, "acme", "m", "5")).map((event) => event.ok && event.record.idempotencyKey);
    };
    expect(keysOf(true)).toEqual([AT, `${AT}|#2`, `${AT}|#3`]);
    expect(keysOf(false)).toEqual([AT, AT, AT]);
  });

  test("an ordinal depends on the file alone: refused rows count too", () => {
    const map = mapperOf({ countsRepeatedRows: true });
    map(AT, "acme", "m", "not a number");
    expect(map(AT, "acme", "m", "5")).toMatchObject({ record: { idempotencyKey: `acme|${AT}|#2` } });
  });

  test("without a quantity column each row is one; negative quantities pass", () => {
    expect(mapperOf({ quantityColumn: null })(AT, "acme", "m", "x")).toMatchObject({ record: { quantity: "1" } });
    expect(mapperOf()(AT, "acme", "m", "-80995")).toMatchObject({ record: { quantity: "-80995" } });
  });

  test("rows without a customer get the default one", () => {
    expect(mapperOf()(AT, "", "m", "1")).toMatchObject({ ok: false, code: "NO_CUSTOMER" });
    expect(mapperOf({ customerDefault: "guest" })(AT, "", "m", "1")).toMatchObject({
      record: { externalCustomerId: "guest" },
    });
  });

  test.each([
    ["INVALID_QUANTITY", [AT, "acme", "m", "1e400"]],
    ["INVALID_QUANTITY", [AT, "acme", "m", ""]],
    ["INVALID_TIME", ["yesterday", "acme", "m", "1"]],
    ["NO_TIME_ZONE", ["2025-01-07T00:10:00", "acme", "m", "1"]],
    ["WRONG_COLUMN_COUNT", [AT, "acme", "m"]],
    ["WRONG_COLUMN_COUNT", [AT, "acme", "m", "1", "2"]],
  ])("%s: %j", (code, values) => {
    expect(mapperOf()(...values)).toMatchObject({ ok: false, code });
  });

  test("rows without any key are refused, also behind a prefix: they would all be one event", () => {
    const keys = { keyColumns: ["customer", "model"], customerDefault: "guest", keyPrefix: "orders-" };
    expect(mapperOf(keys)(AT, "", "", "1")).toMatchObject({ ok: false, code: "NO_KEY" });
    expect(mapperOf(keys)(AT, "", "m", "1")).toMatchObject({ record: { idempotencyKey: "orders-|m" } });
    expect(mapperOf({ ...keys, countsRepeatedRows: true })(AT, "", "", "1").ok).toBe(true);
  });

  test("what was not UTF-8 names no customer, key or property: different names would be one", () => {
    const damaged = { ok: false, code: "NOT_UTF8" };
    expect(mapperOf()(AT, "M\uFFFDller", "m", "1")).toMatchObject(damaged);
    expect(mapperOf({ keyColumns: ["model"] })(AT, "acme", "\uFFFD", "1")).toMatchObject(damaged);
    expect(mapperOf({ propertyColumns: [] })(AT, "acme", "\uFFFD", "1").ok).toBe(true);
  });

  test("a column that is needed and is there twice stops the import; another may be", () => {
    const twice = (name: string) => () => new RowMapper([...COLUMNS, name], MAPPING, { shiftDays: 0 });
    expect(twice("requests")).toThrow('The file has more than one column "requests".');
    expect(twice("note")).not.toThrow();
  });

  test("a file with semicolons is told so", () => {
    const open = () => new RowMapper(["at;customer;model;requests"], MAPPING, { shiftDays: 0 });
    expect(open).toThrow("Values are separated by commas; save it so, not with semicolons.");
  });

  test("a missing column is named, with the header", () => {
    expect(() => mapperOf({ quantityColumn: "request" })).toThrow(
      'The file has no column "request". Its header is: at, customer, model, requests',
    );
  });
});

describe("findFault", () => {
  const now = Date.parse(AT) + 35 * 86_400_000;
  const event = (change: Partial<RowMapping> = {}) => mapperOf(change)(AT, "acme", "m", "1") as MappedRow;

  test("35 days to the millisecond are recent; older rows need --backfill", () => {
    expect(findFault(event(), { now, isBackfill: false })).toBeNull();
    expect(findFault(event(), { now: now + 1, isBackfill: false })).toMatchObject({ code: "TIMESTAMP_TOO_OLD" });
    expect(findFault(event(), { now: now + 1, isBackfill: true })).toBeNull();
  });

  test("five minutes ahead are allowed", () => {
    const at = Date.parse(AT);
    expect(findFault(event(), { now: at - 300_000, isBackfill: false })).toBeNull();
    expect(findFault(event(), { now: at - 300_001, isBackfill: true })).toMatchObject({ code: "TIMESTAMP_IN_FUTURE" });
  });

  test("a key of more than 255 characters is refused", () => {
    const fault = findFault(event({ keyPrefix: "k".repeat(255) }), { now, isBackfill: false });
    expect(fault).toMatchObject({ code: "INVALID_IDEMPOTENCY_KEY" });
  });
});
