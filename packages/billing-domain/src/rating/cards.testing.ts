import * as fc from "fast-check";
import { decimal } from "../decimal.ts";
import type { FlatTier, PercentageTier, UnitTier } from "../price-model.ts";
import type { RateCard } from "../rate-card.ts";

/** Text of a decimal from 0 to `most` units, of at most `places` decimals. */
export function decimalText(most: bigint, places: number): fc.Arbitrary<string> {
  const scale = 10n ** BigInt(places);
  return fc.bigInt({ min: 0n, max: most * scale }).map((scaled) => textOf(scaled, places));
}

/** The same with both signs. */
export function signedText(most: bigint, places: number): fc.Arbitrary<string> {
  return fc.tuple(fc.boolean(), decimalText(most, places)).map(([minus, text]) => (minus ? `-${text}` : text));
}

function textOf(scaled: bigint, places: number): string {
  const digits = String(scaled).padStart(places + 1, "0");
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** A price, from nothing to 1,000 with all 12 decimals. */
export const price = decimalText(1_000n, 12);

/** A quantity that falls on both sides of the tiers' bounds below. */
export const quantity = decimalText(2_000n, 3);

/** One to five tiers with rising bounds up to 1,500, the last one open-ended. */
function tiersOf<T extends object>(content: fc.Arbitrary<T>): fc.Arbitrary<(T & { upTo: string | null })[]> {
  const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 1_500 }), { maxLength: 4 });
  return bounds.chain((unordered) => {
    const rising = unordered.sort((left, right) => left - right).map(String);
    const upTos: (string | null)[] = [...rising, null];
    return fc
      .array(content, { minLength: upTos.length, maxLength: upTos.length })
      .map((contents) => contents.map((tier, index) => ({ ...tier, upTo: upTos[index] ?? null })));
  });
}

/** Tiers with and without flat amounts. */
export const unitTiers: fc.Arbitrary<UnitTier[]> = tiersOf(
  fc.record({ unitPrice: price, flatAmount: price }, { requiredKeys: ["unitPrice"] }),
);

/** Tiers priced as a whole. */
export const flatTiers: fc.Arbitrary<FlatTier[]> = tiersOf(fc.record({ flatAmount: price }));

/** Tiers priced in per cent. */
export const percentageTiers: fc.Arbitrary<PercentageTier[]> = tiersOf(
  fc.record({ ratePercent: price, flatAmount: price }, { requiredKeys: ["ratePercent"] }),
);

const meterKey = "m";
const size = decimalText(500n, 3).map((text) => (/^[0.]+$/.test(text) ? "1" : text));

/** Any card that is priced by the total alone and never gets cheaper with more usage. */
export const risingCard: fc.Arbitrary<RateCard> = fc.oneof(
  price.map((unitPrice): RateCard => ({ meterKey, model: "PER_UNIT", unitPrice })),
  unitTiers.map((tiers): RateCard => ({ meterKey, model: "GRADUATED", tiers })),
  percentageTiers.map((tiers): RateCard => ({ meterKey, model: "GRADUATED_PERCENTAGE", tiers })),
  fc
    .record({ packageSize: size, packagePrice: price, rounding: fc.constantFrom("UP" as const, "DOWN" as const) })
    .map((terms): RateCard => ({ meterKey, model: "PACKAGE", ...terms })),
  fc
    .record({ ratePercent: price, freeAmount: quantity })
    .map((terms): RateCard => ({ meterKey, model: "PERCENTAGE", ...terms })),
);

/** Any card that is priced by the total alone. */
export const totalCard: fc.Arbitrary<RateCard> = fc.oneof(
  { weight: 3, arbitrary: risingCard },
  unitTiers.map((tiers): RateCard => ({ meterKey, model: "VOLUME", tiers })),
  flatTiers.map((tiers): RateCard => ({ meterKey, model: "STAIRSTEP", tiers })),
);

/** The same with any allowance, minimum and maximum. */
export const boundedCard: fc.Arbitrary<RateCard> = fc
  .tuple(totalCard, quantity, fc.tuple(price, price))
  .map(([card, includedQuantity, bounds]) => {
    const [one, other] = bounds;
    const [minimumAmount, maximumAmount] = decimal(one).lt(decimal(other)) ? [one, other] : [other, one];
    const allowance = card.model === "PERCENTAGE" ? {} : { includedQuantity };
    return { ...card, ...allowance, minimumAmount, maximumAmount };
  });
