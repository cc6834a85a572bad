import { decimal, formatDecimal, type RateCard, rateUsage } from "@meterline/billing-domain";
import type Stripe from "stripe";
import { expect, test } from "vitest";
import { seededRandom } from "../core/random.ts";
import type { Wire } from "../wire/wire.ts";
import { priceQuantity } from "./price-quantity.ts";

type Price = Wire<Stripe.Price>;
const CASES = 400;

/** A random decimal in cents, with up to `places` decimals, and the same amount in dollars. */
function amount(random: () => number, most: number, places: number): { cents: string; dollars: string } {
  const whole = Math.floor(random() * most);
  const digits = Math.floor(random() * 10 ** places);
  const cents = `${whole}.${String(digits).padStart(places, "0")}`;
  return { cents, dollars: formatDecimal(decimal(cents).div(decimal("100"))) };
}

/** Two or three random tiers, as each side writes them. */
function randomTiers(random: () => number) {
  const bounds = [1 + Math.floor(random() * 10), 20 + Math.floor(random() * 10), null].slice(random() < 0.5 ? 0 : 1);
  const rows = bounds.map((upTo) => ({ upTo, unit: amount(random, 5, 4), flat: String(Math.floor(random() * 300)) }));
  return {
    ours: rows.map((row) => ({
      upTo: row.upTo === null ? null : String(row.upTo),
      unitPrice: row.unit.dollars,
      flatAmount: formatDecimal(decimal(row.flat).div(decimal("100"))),
    })),
    stripes: rows.map((row) => ({
      up_to: row.upTo,
      unit_amount: null,
      unit_amount_decimal: row.unit.cents,
      flat_amount: Number(row.flat),
      flat_amount_decimal: row.flat,
    })),
  };
}

function randomPair(random: () => number): { card: RateCard; price: Price } {
  const base = { billing_scheme: "per_unit", transform_quantity: null };
  const pick = Math.floor(random() * 4);
  const unit = amount(random, 5, 6);
  const meterKey = "m";
  if (pick === 0) {
    return {
      card: { meterKey, model: "PER_UNIT", unitPrice: unit.dollars },
      price: { ...base, unit_amount_decimal: unit.cents } as Price,
    };
  }
  if (pick === 1) {
    const size = 1 + Math.floor(random() * 20);
    const isUp = random() < 0.5;
    const transform = { divide_by: size, round: isUp ? "up" : "down" } as const;
    const rounding = isUp ? "UP" : "DOWN";
    return {
      card: { meterKey, model: "PACKAGE", packageSize: String(size), packagePrice: unit.dollars, rounding },
      price: { ...base, unit_amount_decimal: unit.cents, transform_quantity: transform } as Price,
    };
  }
  const tiers = randomTiers(random);
  const isVolume = pick === 2;
  return {
    card: { meterKey, model: isVolume ? "VOLUME" : "GRADUATED", tiers: tiers.ours },
    price: { billing_scheme: "tiered", tiers_mode: isVolume ? "volume" : "graduated", tiers: tiers.stripes } as Price,
  };
}

// Two implementations, written from different texts; where they differ, one of them has misread Stripe.
test("the sandbox and Meterline price 400 seeded cases alike, to the cent", () => {
  const random = seededRandom(42);
  const differences: unknown[] = [];
  for (let index = 0; index < CASES; index += 1) {
    const { card, price } = randomPair(random);
    const isWhole = random() < 0.5;
    const quantity = isWhole ? decimal(String(Math.floor(random() * 45) - 3)) : decimal(amount(random, 45, 3).cents);
    const ours = rateUsage(card, { quantity, eventCount: 1n }, { currency: "USD" }).amount.amountMinor;
    const theirs = priceQuantity(price, quantity).toFixed();
    if (theirs !== String(ours)) differences.push({ card, quantity: quantity.toFixed(), ours, theirs });
  }
  expect(differences).toEqual([]);
});
