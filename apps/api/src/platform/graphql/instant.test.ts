import { describe, expect, test } from "vitest";
import { CallerError } from "./errors.ts";
import { parseInstant } from "./instant.ts";

function fieldOf(text: string): unknown {
  try {
    parseInstant(text, "from");
  } catch (error) {
    if (error instanceof CallerError && error.code === "BAD_USER_INPUT") return error.extensions["field"];
    throw error;
  }
  return null;
}

describe("parseInstant", () => {
  test.each([
    ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00.000Z"],
    ["2026-11-23T09:00:00.1239+05:45", "2026-11-23T03:15:00.123Z"],
    ["2024-02-29t23:59:59z", "2024-02-29T23:59:59.000Z"],
    ["1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("%s is %s", (text, instant) => {
    expect(new Date(parseInstant(text, "from")).toISOString()).toBe(instant);
  });

  test.each([
    "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T09:60:00Z",
    "2026-11-23T09:00:00",
    "2026-11-23",
    "23 Nov 2026 09:00:00 GMT",
    "1900-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "0000-01-01T00:00:00Z",
    "+012026-01-01T00:00:00Z",
    "",
    "\0",
  ])("%j is refused, and the argument is named", (text) => {
    expect(fieldOf(text)).toBe("from");
  });
});
