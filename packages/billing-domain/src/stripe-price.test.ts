import { describe, expect, test } from "vitest";
import type { RateCard } from "./rate-card.ts";
import { stripeBaseAmountOf, stripePriceOf } from "./stripe-price.ts";

const meterKey = "m";
const priceOf = (card: Record<string, unknown>, currency = "USD") =>
  stripePriceOf({ meterKey, ...card } as unknown as RateCard, currency);
const stripe = (price: object) => ({ ratedBy: "STRIPE", price });
const meterline = (reason: string) => ({ ratedBy: "METERLINE", reason: expect.stringContaining(reason) });
const tiers = [
  { upTo: "1000", unitPrice: "0.01" },
  { upTo: null, unitPrice: "0.005" },
];

describe("what Stripe rates", () => {
  test("per unit: 0.0004 dollars are 0.04 cents; yen have no cents, dinars a thousand", () => {
    const card = { model: "PER_UNIT", unitPrice: "0.0004" };
    expect(priceOf(card)).toEqual(stripe({ scheme: "PER_UNIT", unitAmount: "0.04" }));
    expect(priceOf(card, "JPY")).toEqual(stripe({ scheme: "PER_UNIT", unitAmount: "0.0004" }));
    expect(priceOf(card, "KWD")).toEqual(stripe({ scheme: "PER_UNIT", unitAmount: "0.4" }));
  });

  test("the finest unit price, 12 decimals of a yen, is fine enough for Stripe", () => {
    const card = { model: "PER_UNIT", unitPrice: "0.000000000001" };
    expect(priceOf(card, "JPY")).toMatchObject({ ratedBy: "STRIPE" });
  });

  test("an allowance is a free first tier", () => {
    expect(priceOf({ model: "PER_UNIT", includedQuantity: "5", unitPrice: "1.50" })).toEqual(
      stripe({
        scheme: "GRADUATED",
        tiers: [
          { upTo: 5, unitAmount: "0", flatAmount: null },
          { upTo: null, unitAmount: "150", flatAmount: null },
        ],
      }),
    );
  });

  test("an allowance moves the bounds of tiers up", () => {
    expect(priceOf({ model: "GRADUATED", includedQuantity: "100", tiers })).toEqual(
      stripe({
        scheme: "GRADUATED",
        tiers: [
          { upTo: 100, unitAmount: "0", flatAmount: null },
          { upTo: 1_100, unitAmount: "1", flatAmount: null },
          { upTo: null, unitAmount: "0.5", flatAmount: null },
        ],
      }),
    );
  });

  test("the first tier's flat amount, charged at zero, goes on the free tier; one that is waived at zero stays", () => {
    const [first, last] = tiers;
    const card = { model: "GRADUATED", includedQuantity: "100", tiers: [{ ...first, flatAmount: "3" }, last] };
    const flats = (answer: ReturnType<typeof priceOf>) =>
      answer.ratedBy === "STRIPE" && "tiers" in answer.price ? answer.price.tiers.map((tier) => tier.flatAmount) : null;
    expect(flats(priceOf(card))).toEqual(["300", null, null]);
    expect(flats(priceOf({ ...card, waiveAtZero: true }))).toEqual([null, "300", null]);
  });

  test("volume and packages without an allowance", () => {
    expect(priceOf({ model: "VOLUME", tiers })).toEqual(
      stripe({
        scheme: "VOLUME",
        tiers: [
          { upTo: 1_000, unitAmount: "1", flatAmount: null },
          { upTo: null, unitAmount: "0.5", flatAmount: null },
        ],
      }),
    );
    const card = { model: "PACKAGE", packageSize: "1000", packagePrice: "12.50" };
    expect(priceOf(card)).toEqual(stripe({ scheme: "PACKAGE", unitAmount: "1250", divideBy: 1_000, round: "up" }));
    expect(priceOf({ ...card, rounding: "DOWN" })).toMatchObject({ price: { round: "down" } });
  });
});

describe("what Meterline rates, and why", () => {
  const flat = { upTo: "10", unitPrice: "1", flatAmount: "2" };
  const open = { upTo: null, unitPrice: "1" };
  test.each<[string, Record<string, unknown>, string]>([
    ["a minimum", { model: "PER_UNIT", unitPrice: "1", minimumAmount: "5" }, "minimum or a maximum"],
    ["a maximum", { model: "PER_UNIT", unitPrice: "1", maximumAmount: "5" }, "minimum or a maximum"],
    ["carried negatives", { model: "PER_UNIT", unitPrice: "1", carryNegative: true }, "carried over"],
    ["a volume after an allowance", { model: "VOLUME", includedQuantity: "1", tiers }, "one price"],
    [
      "packages after an allowance",
      { model: "PACKAGE", includedQuantity: "1", packageSize: "10", packagePrice: "1" },
      "packages",
    ],
    ["half a package", { model: "PACKAGE", packageSize: "2.5", packagePrice: "1" }, "whole number"],
    ["half an included unit", { model: "PER_UNIT", includedQuantity: "0.5", unitPrice: "1" }, "whole number"],
    ["a bound at half a unit", { model: "GRADUATED", tiers: [{ upTo: "10.5", unitPrice: "1" }, open] }, "whole number"],
    [
      "a bound past 2^53",
      { model: "VOLUME", tiers: [{ upTo: "9007199254740993", unitPrice: "1" }, open] },
      "whole number",
    ],
    [
      "a flat amount of half a cent",
      { model: "GRADUATED", tiers: [{ ...flat, flatAmount: "2.005" }, open] },
      "minor units",
    ],
    [
      "a flat amount waived at zero",
      { model: "GRADUATED", waiveAtZero: true, tiers: [flat, open] },
      "nothing was used",
    ],
    ["the same of a volume", { model: "VOLUME", waiveAtZero: true, tiers: [flat, open] }, "nothing was used"],
    ["a price for a whole tier", { model: "STAIRSTEP", tiers: [{ upTo: null, flatAmount: "1" }] }, "STAIRSTEP"],
    ["a share of an amount", { model: "PERCENTAGE", ratePercent: "1" }, "PERCENTAGE"],
    ["prices by property", { model: "MATRIX", properties: ["p"], cells: [], defaultUnitPrice: "1" }, "MATRIX"],
  ])("%s", (_name, card, reason) => {
    expect(priceOf(card)).toEqual(meterline(reason));
  });

  test("51 tiers; 50 are Stripe's", () => {
    const many = (count: number) => [
      ...Array.from({ length: count - 1 }, (_, index) => ({ upTo: String(index + 1), unitPrice: "1" })),
      open,
    ];
    expect(priceOf({ model: "GRADUATED", tiers: many(51) })).toEqual(meterline("tiers"));
    expect(priceOf({ model: "GRADUATED", tiers: many(50) })).toMatchObject({ ratedBy: "STRIPE" });
  });

  test("a waiver without a flat amount waives nothing", () => {
    expect(priceOf({ model: "GRADUATED", waiveAtZero: true, tiers })).toMatchObject({ ratedBy: "STRIPE" });
  });
});

describe("the base fee at Stripe", () => {
  test("299.00 dollars are 29,900 cents, and 92.500 dinars 92,500 fils", () => {
    expect(stripeBaseAmountOf({ baseAmount: "299.00", currency: "USD" })).toBe(29_900n);
    expect(stripeBaseAmountOf({ baseAmount: "45000", currency: "JPY" })).toBe(45_000n);
    expect(stripeBaseAmountOf({ baseAmount: "92.500", currency: "KWD" })).toBe(92_500n);
    expect(stripeBaseAmountOf({ baseAmount: "0", currency: "USD" })).toBe(0n);
  });

  test("what cannot be charged is no price: a single fils, half a króna", () => {
    expect(stripeBaseAmountOf({ baseAmount: "92.501", currency: "KWD" })).toBeNull();
    expect(stripeBaseAmountOf({ baseAmount: "0.50", currency: "ISK" })).toBeNull();
  });
});
