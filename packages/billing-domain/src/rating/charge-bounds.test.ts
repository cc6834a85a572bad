import { describe, expect, test } from "vitest";
import { decimal, formatDecimal, ONE } from "../decimal.ts";
import { boundCharges, boundsInForce } from "./charge-bounds.ts";
import { rowsOf } from "./rows.testing.ts";

const BOUNDS = { minimumAmount: "10", maximumAmount: "100" };
const HALF = decimal("0.5");
const rows = (amount: string, bounds = BOUNDS as { prorate?: boolean }, share = ONE) =>
  rowsOf(boundCharges({ ...BOUNDS, ...bounds }, decimal(amount), share));

describe("minimum and maximum of a line", () => {
  test("an amount below the minimum is lifted to it by a row of its own", () => {
    expect(rows("9.999999999999")).toEqual([["Minimum charge", "0", "0.000000000001"]]);
    expect(rows("0")).toEqual([["Minimum charge", "0", "10"]]);
  });

  test("an amount at or between the bounds is left alone", () => {
    expect(rows("10")).toEqual([]);
    expect(rows("100")).toEqual([]);
  });

  test("an amount above the maximum is cut to it by a negative row", () => {
    expect(rows("100.5")).toEqual([["Maximum charge", "0", "-0.5"]]);
  });

  test("a card without bounds has no such rows", () => {
    expect(boundCharges({}, decimal("0"), ONE)).toEqual([]);
  });

  test("a maximum of zero makes the line free", () => {
    expect(rowsOf(boundCharges({ maximumAmount: "0" }, decimal("7"), ONE))).toEqual([["Maximum charge", "0", "-7"]]);
  });
});

describe("a shorter period", () => {
  test("leaves the bounds as they are", () => {
    expect(rows("5", {}, HALF)).toEqual([["Minimum charge", "0", "5"]]);
    expect(rows("5", { prorate: false }, HALF)).toEqual([["Minimum charge", "0", "5"]]);
  });

  test("scales both when the card says prorate", () => {
    expect(rows("4", { prorate: true }, HALF)).toEqual([["Minimum charge", "0", "1"]]);
    expect(rows("5", { prorate: true }, HALF)).toEqual([]);
    expect(rows("51", { prorate: true }, HALF)).toEqual([["Maximum charge", "0", "-1"]]);
  });

  test("of no length has a prorated minimum of nothing", () => {
    const { minimum, maximum } = boundsInForce({ ...BOUNDS, prorate: true }, decimal("0"));
    expect([minimum, maximum].map((bound) => bound && formatDecimal(bound))).toEqual(["0", "0"]);
  });
});
