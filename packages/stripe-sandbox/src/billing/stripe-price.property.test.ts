import {
  decimal,
  parseRateCard,
  type RateCard,
  rateUsage,
  type StripePrice,
  stripePriceOf,
  type StripeTier,
} from "@meterline/billing-domain";
import * as fc from "fast-check";
import type Stripe from "stripe";
import { expect, test } from "vitest";
import type { Wire } from "../wire/wire.ts";
import { priceQuantity } from "./price-quantity.ts";

const runs = { numRuns: 2_000 };

/** A decimal of up to `most`, with up to `places` decimals. */
function decimalText(most: number, places: number): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(most), fc.nat(10 ** places - 1), fc.nat(places)).map(([whole, digits, shown]) => {
    const fraction = String(digits).padStart(places, "0").slice(0, shown);
    return fraction === "" ? String(whole) : `${whole}.${fraction}`;
  });
}

const unitPrice = decimalText(3, 6);
const flatAmount = fc.option(decimalText(20, 2), { nil: undefined });
const includedQuantity = fc.option(fc.nat(40).map(String), { nil: undefined });

/** One to four tiers, the last of them open-ended. */
const tiers = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
    fc.array(fc.record({ unitPrice, flatAmount }, { requiredKeys: ["unitPrice"] }), { minLength: 4, maxLength: 4 }),
  )
  .map(([bounds, prices]) => {
    const rising = bounds.toSorted((left, right) => left - right);
    return [...rising, null].map((upTo, index) => withoutAbsent({ ...prices[index], upTo: upTo && String(upTo) }));
  });

const card: fc.Arbitrary<RateCard> = fc
  .oneof(
    fc.record({ model: fc.constant("PER_UNIT"), unitPrice, includedQuantity }),
    fc.record({ model: fc.constant("GRADUATED"), tiers, includedQuantity, waiveAtZero: fc.boolean() }),
    fc.record({ model: fc.constant("VOLUME"), tiers, waiveAtZero: fc.boolean() }),
    fc.record({
      model: fc.constant("PACKAGE"),
      packageSize: fc.integer({ min: 1, max: 20 }).map(String),
      packagePrice: unitPrice,
      rounding: fc.constantFrom("UP", "DOWN"),
    }),
  )
  .map((json) => {
    const read = parseRateCard(withoutAbsent({ meterKey: "m", ...json }));
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    return read.rateCard;
  });

function withoutAbsent(json: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
}

const currency = fc.constantFrom("USD", "JPY", "KWD");
const quantity = fc.oneof(
  fc.integer({ min: -5, max: 120 }).map(String),
  decimalText(120, 4),
  // Where tiers begin and end.
  fc.constantFrom("0", "0.5", "1", "1.0001"),
);

/** The price as Stripe would hold it. */
function wirePrice(price: StripePrice): Wire<Stripe.Price> {
  if (price.scheme === "PER_UNIT" || price.scheme === "PACKAGE") {
    const transform = price.scheme === "PACKAGE" ? { divide_by: price.divideBy, round: price.round } : null;
    const perUnit = { billing_scheme: "per_unit", unit_amount_decimal: price.unitAmount };
    return { ...perUnit, transform_quantity: transform } as Wire<Stripe.Price>;
  }
  const mode = price.scheme === "VOLUME" ? "volume" : "graduated";
  return { billing_scheme: "tiered", tiers_mode: mode, tiers: price.tiers.map(wireTier) } as Wire<Stripe.Price>;
}

function wireTier({ upTo, unitAmount, flatAmount: flat }: StripeTier) {
  return { up_to: upTo, unit_amount_decimal: unitAmount, flat_amount_decimal: flat };
}

// Two implementations of a price, written from different texts. Against the sandbox: Stripe itself was never asked.
test("where Stripe is said to rate a card, it comes to the same minor unit for every quantity", () => {
  let rated = 0;
  fc.assert(
    fc.property(card, quantity, currency, (rateCard, used, code) => {
      const answer = stripePriceOf(rateCard, code);
      if (answer.ratedBy === "METERLINE") return;
      rated += 1;
      const ours = rateUsage(rateCard, { quantity: decimal(used), eventCount: 1n }, { currency: code });
      expect(priceQuantity(wirePrice(answer.price), decimal(used)).toFixed()).toBe(String(ours.amount.amountMinor));
    }),
    runs,
  );
  expect(rated).toBeGreaterThan(runs.numRuns / 3);
});
