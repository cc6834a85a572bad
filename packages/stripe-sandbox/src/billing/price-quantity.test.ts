import { decimal } from "@meterline/billing-domain";
import type Stripe from "stripe";
import { expect, test } from "vitest";
import type { Wire } from "../wire/wire.ts";
import { priceQuantity } from "./price-quantity.ts";

type Price = Wire<Stripe.Price>;

function priced(fields: Partial<Price>, quantity: string, rounding?: "line" | "tier"): string {
  const price = { billing_scheme: "per_unit", transform_quantity: null, ...fields } as Price;
  return priceQuantity(price, decimal(quantity), rounding).toFixed();
}

function tier(upTo: number | null, unit: string | null, flat: string | null = null): Wire<Stripe.Price.Tier> {
  const whole = (text: string | null) => (text === null || text.includes(".") ? null : Number(text));
  return {
    up_to: upTo,
    unit_amount: whole(unit),
    unit_amount_decimal: unit,
    flat_amount: whole(flat),
    flat_amount_decimal: flat,
  };
}

test("per unit: multiplied, then rounded once, a half up: 0.05 × 30 is 2", () => {
  expect(priced({ unit_amount_decimal: "0.05" }, "30")).toBe("2");
  expect(priced({ unit_amount_decimal: "0.05" }, "29.9")).toBe("1");
  expect(priced({ unit_amount_decimal: "0.000000000001" }, "500000000000")).toBe("1");
  expect(priced({ unit_amount_decimal: "5" }, "-3")).toBe("0");
});

test("packages: the total is divided and rounded, then priced: 150 by 60 is 3 up and 2 down", () => {
  const by60 = (round: "up" | "down") => ({ unit_amount_decimal: "100", transform_quantity: { divide_by: 60, round } });
  expect(priced(by60("up"), "150")).toBe("300");
  expect(priced(by60("down"), "150")).toBe("200");
  expect(priced(by60("up"), "120")).toBe("200");
  expect(priced(by60("up"), "120.000001")).toBe("300");
  expect(priced(by60("up"), "0")).toBe("0");
});

test("graduated: each unit in its tier, the flat amount of every tier reached, the first also by nothing", () => {
  const tiers = [tier(10, "5", "100"), tier(20, "3", "50"), tier(null, "1")];
  const graduated = { billing_scheme: "tiered", tiers_mode: "graduated", tiers } as const;
  expect(priced(graduated, "0")).toBe("100");
  expect(priced(graduated, "10")).toBe("150");
  expect(priced(graduated, "11")).toBe("203");
  expect(priced(graduated, "20")).toBe("230");
  expect(priced(graduated, "25")).toBe("235");
  expect(priced(graduated, "10.5")).toBe("202");
});

test("graduated: rounding by tier differs from rounding by line, which is what the option is for", () => {
  const tiers = [tier(1, "0.5"), tier(null, "0.5")];
  const graduated = { billing_scheme: "tiered", tiers_mode: "graduated", tiers } as const;
  expect(priced(graduated, "2", "line")).toBe("1");
  expect(priced(graduated, "2", "tier")).toBe("2");
});

test("volume: all units at the price of the tier that the total falls in, with its flat amount only", () => {
  const tiers = [tier(10, "5", "100"), tier(null, "3", "50")];
  const volume = { billing_scheme: "tiered", tiers_mode: "volume", tiers } as const;
  expect(priced(volume, "10")).toBe("150");
  expect(priced(volume, "10.5")).toBe("82");
  expect(priced(volume, "0")).toBe("100");
});
