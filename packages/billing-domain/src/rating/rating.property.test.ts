import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimal, formatDecimal, maxDecimal, sumDecimals, ZERO } from "../decimal.ts";
import { currencyExponent } from "../currency.ts";
import { majorAmount } from "../money.ts";
import {
  boundedCard,
  decimalText,
  price,
  quantity,
  risingCard,
  signedText,
  totalCard,
  unitTiers,
} from "./cards.testing.ts";
import { type RatedLine, rateUsage } from "./index.ts";
import { carriedQuantityAfter } from "./carry-over.ts";
import { used } from "./rows.testing.ts";
import { tierShares } from "./tier-walk.ts";

const USD = { currency: "USD" };
const currency = fc.constantFrom("USD", "JPY", "KWD");
const exact = (line: RatedLine) => formatDecimal(line.unroundedAmount);

describe("parts sum to the whole", () => {
  test("a line's rows sum to its exact amount, which is never negative", () => {
    fc.assert(
      fc.property(boundedCard, signedText(2_000n, 3), (card, total) => {
        const line = rateUsage(card, used(total), USD);
        expect(formatDecimal(sumDecimals(line.tiers.map((row) => row.unroundedAmount)))).toBe(exact(line));
        expect(line.unroundedAmount.gte(ZERO)).toBe(true);
      }),
    );
  });

  test("the parts of a quantity in its tiers sum to the quantity", () => {
    fc.assert(
      fc.property(unitTiers, quantity, (tiers, total) => {
        const parts = tierShares(tiers, decimal(total)).map((share) => share.quantity);
        expect(sumDecimals(parts).eq(decimal(total))).toBe(true);
        expect(parts.every((part) => part.gte(ZERO))).toBe(true);
      }),
    );
  });

  test("a row's amount is its quantity at its price plus its flat amount", () => {
    fc.assert(
      fc.property(unitTiers, quantity, (tiers, total) => {
        for (const row of rateUsage({ meterKey: "m", model: "GRADUATED", tiers }, used(total), USD).tiers) {
          const sum = row.quantity.times(row.unitPrice ?? ZERO).plus(row.flatAmount ?? ZERO);
          expect(sum.eq(row.unroundedAmount)).toBe(true);
        }
      }),
    );
  });

  test("used units are included units, billable units, or both", () => {
    fc.assert(
      fc.property(totalCard, quantity, quantity, (card, total, includedQuantity) => {
        fc.pre(card.model !== "PERCENTAGE");
        const line = rateUsage({ ...card, includedQuantity }, used(total), USD);
        const free = line.includedQuantity.minus(line.remainingQuantity ?? line.includedQuantity);
        expect(free.plus(line.billableQuantity).eq(line.quantity)).toBe(true);
      }),
    );
  });
});

describe("rounding", () => {
  test("happens once, to the nearest minor unit in 0, 2 and 3 decimals", () => {
    fc.assert(
      fc.property(boundedCard, quantity, currency, (card, total, code) => {
        const line = rateUsage(card, used(total), { currency: code });
        const half = decimal(currencyExponent(code) === 0 ? "0.5" : currencyExponent(code) === 2 ? "0.005" : "0.0005");
        const difference = majorAmount(line.amount).minus(line.unroundedAmount);
        expect(difference.lte(half) && difference.gt(ZERO.minus(half))).toBe(true);
      }),
    );
  });
});

describe("monotone", () => {
  test("more usage never costs less, except by volume and stairs", () => {
    fc.assert(
      fc.property(risingCard, quantity, quantity, (card, total, more) => {
        const less = rateUsage(card, used(total), USD);
        const greater = rateUsage(card, used(formatDecimal(decimal(total).plus(decimal(more)))), USD);
        expect(greater.unroundedAmount.gte(less.unroundedAmount)).toBe(true);
      }),
    );
  });

  test("a larger allowance never costs more, where more usage never costs less", () => {
    fc.assert(
      fc.property(risingCard, quantity, quantity, (card, total, includedQuantity) => {
        fc.pre(card.model !== "PERCENTAGE");
        const without = rateUsage(card, used(total), USD);
        const withAllowance = rateUsage({ ...card, includedQuantity }, used(total), USD);
        expect(withAllowance.unroundedAmount.lte(without.unroundedAmount)).toBe(true);
      }),
    );
  });

  test("a line lies between its minimum and its maximum", () => {
    fc.assert(
      fc.property(boundedCard, quantity, (card, total) => {
        const { unroundedAmount } = rateUsage(card, used(total), USD);
        expect(unroundedAmount.gte(decimal(card.minimumAmount ?? "0"))).toBe(true);
        expect(unroundedAmount.lte(decimal(card.maximumAmount ?? "0"))).toBe(true);
      }),
    );
  });
});

describe("the same by two roads", () => {
  test("volume and graduated agree with one tier, and with per unit when it has no flat amount", () => {
    fc.assert(
      fc.property(price, fc.option(price, { nil: undefined }), quantity, (unitPrice, flatAmount, total) => {
        const tiers = [{ upTo: null, unitPrice, ...(flatAmount === undefined ? {} : { flatAmount }) }];
        const graduated = exact(rateUsage({ meterKey: "m", model: "GRADUATED", tiers }, used(total), USD));
        expect(exact(rateUsage({ meterKey: "m", model: "VOLUME", tiers }, used(total), USD))).toBe(graduated);
        if (flatAmount !== undefined) return;
        expect(exact(rateUsage({ meterKey: "m", model: "PER_UNIT", unitPrice }, used(total), USD))).toBe(graduated);
      }),
    );
  });

  test("an allowance is the same as using that much less", () => {
    fc.assert(
      fc.property(totalCard, quantity, quantity, (card, total, includedQuantity) => {
        fc.pre(card.model !== "PERCENTAGE");
        const left = maxDecimal(decimal(total).minus(decimal(includedQuantity)), ZERO);
        const withAllowance = rateUsage({ ...card, includedQuantity }, used(total), USD);
        expect(exact(withAllowance)).toBe(exact(rateUsage(card, used(formatDecimal(left)), USD)));
      }),
    );
  });

  test("tiers with equal prices and no flat amounts are one price", () => {
    fc.assert(
      fc.property(unitTiers, price, quantity, (tiers, unitPrice, total) => {
        const flat = tiers.map(({ upTo }) => ({ upTo, unitPrice }));
        const graduated = rateUsage({ meterKey: "m", model: "GRADUATED", tiers: flat }, used(total), USD);
        expect(exact(graduated)).toBe(
          exact(rateUsage({ meterKey: "m", model: "PER_UNIT", unitPrice }, used(total), USD)),
        );
      }),
    );
  });
});

test("packages: the number is the least that holds the quantity (or the most that it fills)", () => {
  const size = decimalText(300n, 3).filter((text) => !/^[0.]+$/.test(text));
  fc.assert(
    fc.property(size, quantity, (packageSize, total) => {
      const packages = (rounding: "UP" | "DOWN") =>
        rateUsage({ meterKey: "m", model: "PACKAGE", packageSize, packagePrice: "1", rounding }, used(total), USD)
          .unroundedAmount;
      const unit = decimal(packageSize);
      expect(packages("UP").times(unit).gte(decimal(total))).toBe(true);
      expect(packages("UP").minus(decimal("1")).times(unit).lt(decimal(total))).toBe(true);
      expect(packages("DOWN").times(unit).lte(decimal(total))).toBe(true);
      expect(packages("DOWN").plus(decimal("1")).times(unit).gt(decimal(total))).toBe(true);
    }),
  );
});

test("carrying over: over all periods, what is billed and what is still owed sum to what was used", () => {
  const card = { meterKey: "m", model: "PER_UNIT", unitPrice: "1", carryNegative: true } as const;
  fc.assert(
    fc.property(fc.array(signedText(100n, 2), { maxLength: 12 }), (texts) => {
      const totals = texts.map((text) => decimal(text));
      let billed = ZERO;
      let carried = ZERO;
      for (const [index, total] of totals.entries()) {
        expect(carriedQuantityAfter(totals.slice(0, index)).eq(carried)).toBe(true);
        const line = rateUsage(card, { quantity: total, eventCount: 1n, carriedQuantity: carried }, USD);
        billed = billed.plus(line.billableQuantity);
        carried = line.carryForwardQuantity;
      }
      expect(billed.plus(carried).eq(sumDecimals(totals))).toBe(true);
    }),
  );
});
