import { expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import { correctionRoute, type Overtold } from "./correction-route.ts";

const HOUR = 3_600_000;
const now = 1_000 * HOUR;
const accepted = (sequence: number, delta: string, hoursAgo: number, isCorrected = false) => ({
  sequence,
  delta: decimal(delta),
  acceptedAt: now - hoursAgo * HOUR,
  isCorrected,
});
const route = (more: Partial<Overtold>) =>
  correctionRoute({
    delta: decimal("-5"),
    mode: "DELTA",
    invoice: "OPEN",
    accepted: [],
    hasOpenPeriod: true,
    now,
    ...more,
  });

test("one report that is the whole difference is cancelled by name, the latest of several", () => {
  const reports = [accepted(1, "5", 3), accepted(2, "5.0", 2), accepted(3, "4", 1)];
  expect(route({ accepted: reports })).toEqual({ route: "CANCEL", sequence: 2 });
});

test("past 23 hours, for another amount, or when it was corrected before, a negative value is told", () => {
  expect(route({ accepted: [accepted(1, "5", 23)] })).toEqual({ route: "NEGATIVE_USAGE" });
  expect(route({ accepted: [accepted(1, "5", 22.9)] })).toEqual({ route: "CANCEL", sequence: 1 });
  expect(route({ accepted: [accepted(1, "6", 1), accepted(2, "5", 1, true)] })).toEqual({ route: "NEGATIVE_USAGE" });
});

test("a draft still takes usage; a final invoice takes a carry, or a credit note where no period is open", () => {
  expect(route({ invoice: "DRAFT" })).toEqual({ route: "NEGATIVE_USAGE" });
  const reports = [accepted(1, "5", 1)];
  expect(route({ invoice: "FINAL", accepted: reports })).toEqual({ route: "CARRY" });
  expect(route({ invoice: "FINAL", accepted: reports, hasOpenPeriod: false })).toEqual({ route: "CREDIT_NOTE" });
});

test("where the latest value stands, the right one is told", () => {
  expect(route({ mode: "VALUE", accepted: [accepted(1, "5", 1)] })).toEqual({ route: "NEW_VALUE" });
});

test("what was not told too much is no correction", () => {
  expect(() => route({ delta: decimal("0") })).toThrow(RangeError);
});
