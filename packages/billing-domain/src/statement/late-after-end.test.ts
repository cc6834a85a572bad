import { expect, test } from "vitest";
import { lateRouteAfterEnd } from "./late-after-end.ts";

test("after a plan is over: what is owed is invoiced, what was taken back is credited, and nothing is neither", () => {
  const route = (amountMinor: bigint) => lateRouteAfterEnd({ amountMinor, currency: "USD" });
  expect([route(1n), route(-1n), route(0n)]).toEqual(["INVOICE", "CREDIT_NOTE", null]);
});
