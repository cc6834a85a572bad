import { expect, test } from "vitest";
import { instantText } from "./usage-state.columns.ts";

test("an instant is written in UTC with milliseconds, before 1970 and on both sides of a second too", () => {
  expect(instantText(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(instantText(-1)).toBe("1969-12-31T23:59:59.999Z");
  expect(instantText(1_793_577_599_999)).toBe("2026-11-01T23:59:59.999Z");
  expect(instantText(1_793_577_600_000)).toBe("2026-11-02T00:00:00.000Z");
  expect(instantText(1_793_577_600_007)).toBe("2026-11-02T00:00:00.007Z");
});
