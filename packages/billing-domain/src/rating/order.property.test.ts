import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decimal, formatDecimal, maxDecimal, sumDecimals, ZERO } from "../decimal.ts";
import type { RateCard } from "../rate-card.ts";
import { decimalText, price, quantity, signedText } from "./cards.testing.ts";
import { rateUsage } from "./index.ts";
import type { RatedEvent } from "./rated-line.ts";
import { rowsOf } from "./rows.testing.ts";

const USD = { currency: "USD" };

const percentage: fc.Arbitrary<RateCard> = fc
  .record(
    {
      ratePercent: decimalText(10n, 4),
      fixedAmount: decimalText(1n, 2),
      freeEvents: fc.integer({ min: 0, max: 5 }),
      freeAmount: decimalText(300n, 2),
      minimumPerEvent: decimalText(1n, 2),
      maximumPerEvent: decimalText(5n, 2).map((text) => formatDecimal(decimal(text).plus(decimal("1")))),
    },
    { requiredKeys: ["ratePercent", "maximumPerEvent"] },
  )
  .map((terms) => ({ meterKey: "m", model: "PERCENTAGE", ...terms }));

/** Events of different instants, with some refunds among them. */
const events: fc.Arbitrary<RatedEvent[]> = fc
  .array(signedText(200n, 2), { maxLength: 20 })
  .map((texts) => texts.map((text, index) => ({ quantity: decimal(text), occurredAt: index * 1_000 })));

function usageOf(list: readonly RatedEvent[]) {
  const total = sumDecimals(list.map((event) => event.quantity));
  return { quantity: total, eventCount: BigInt(list.length), events: list };
}

/** The list together with the same list in another order. */
function shuffled<T>(list: fc.Arbitrary<T[]>): fc.Arbitrary<{ one: T[]; other: T[] }> {
  return list.chain((one) =>
    fc.shuffledSubarray(one, { minLength: one.length, maxLength: one.length }).map((other) => ({ one, other })),
  );
}

test("percentage: the order of arrival does not matter, only the order in time", () => {
  fc.assert(
    fc.property(percentage, shuffled(events), (card, { one, other }) => {
      const rows = (list: RatedEvent[]) => rowsOf(rateUsage(card, usageOf(list), USD).tiers);
      expect(rows(other)).toEqual(rows(one));
    }),
  );
});

test("percentage: rows sum to the line, which is never negative, refunds or not", () => {
  fc.assert(
    fc.property(percentage, events, (card, list) => {
      const line = rateUsage(card, usageOf(list), USD);
      expect(sumDecimals(line.tiers.map((row) => row.unroundedAmount)).eq(line.unroundedAmount)).toBe(true);
      expect(line.unroundedAmount.gte(ZERO)).toBe(true);
      expect(line.billableQuantity.gte(ZERO)).toBe(true);
    }),
  );
});

test("percentage: event by event, a cap that never bites gives the rate on the total past the free amount", () => {
  fc.assert(
    fc.property(decimalText(10n, 4), decimalText(300n, 2), events, (ratePercent, freeAmount, list) => {
      const terms = { meterKey: "m", model: "PERCENTAGE", ratePercent, freeAmount } as const;
      const byEvent = rateUsage({ ...terms, maximumPerEvent: "1000000" }, usageOf(list), USD);
      const { events: _, ...totals } = usageOf(list);
      expect(byEvent.unroundedAmount.eq(rateUsage(terms, totals, USD).unroundedAmount)).toBe(true);
    }),
  );
});

test("percentage: no event costs more than its cap", () => {
  fc.assert(
    fc.property(events, decimalText(5n, 2), (list, maximumPerEvent) => {
      const card: RateCard = {
        meterKey: "m",
        model: "PERCENTAGE",
        ratePercent: "10",
        fixedAmount: "1",
        maximumPerEvent,
      };
      const most = decimal(maximumPerEvent).times(decimal(BigInt(list.length)));
      fc.pre(decimal(maximumPerEvent).gt(ZERO));
      expect(rateUsage(card, usageOf(list), USD).unroundedAmount.lte(most)).toBe(true);
    }),
  );
});

const combination = fc.record({
  values: fc
    .tuple(fc.constantFrom("a", "b", "c", "(other)"), fc.constantFrom("", "x"))
    .map((values): string[] => values),
  quantity: signedText(200n, 3).map((text) => decimal(text)),
});

test("matrix: the order of combinations does not matter, and the priced units are the total past the allowance", () => {
  const card = fc.tuple(quantity, price, price, price).map(
    ([includedQuantity, first, second, defaultUnitPrice]): RateCard => ({
      meterKey: "m",
      model: "MATRIX",
      properties: ["p", "q"],
      cells: [
        { values: ["a", "x"], unitPrice: first },
        { values: ["b", ""], unitPrice: second },
      ],
      defaultUnitPrice,
      includedQuantity,
    }),
  );
  fc.assert(
    fc.property(card, shuffled(fc.array(combination, { maxLength: 10 })), (matrix, { one, other }) => {
      const total = sumDecimals(one.map((part) => part.quantity));
      const rate = (byDimension: typeof one) =>
        rateUsage(matrix, { quantity: total, eventCount: 1n, groupBy: ["p", "q"], byDimension }, USD);
      expect(rowsOf(rate(other).tiers)).toEqual(rowsOf(rate(one).tiers));
      const billable = maxDecimal(total.minus(decimal(matrix.includedQuantity ?? "0")), ZERO);
      expect(rate(one).billableQuantity.eq(billable)).toBe(true);
      expect(sumDecimals(rate(one).tiers.map((row) => row.unroundedAmount)).eq(rate(one).unroundedAmount)).toBe(true);
    }),
  );
});
