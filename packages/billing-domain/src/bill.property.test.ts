import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rateBill } from "./bill.ts";
import { decimal, formatDecimal, ZERO } from "./decimal.ts";
import { roundToMoney, sumMoney } from "./money.ts";
import { parsePlanDefinition } from "./plan.ts";
import { prorateAmount } from "./proration.ts";
import { boundedCard, decimalText, quantity } from "./rating/cards.testing.ts";
import type { MeterUsage } from "./rating/index.ts";

const currency = fc.constantFrom("USD", "JPY", "KWD");
const share = fc.integer({ min: 0, max: 30 }).map((days) => decimal(BigInt(days)).div(decimal("30")));
const lines = fc.array(fc.tuple(boundedCard, quantity), { maxLength: 6 });
const amounts = fc.tuple(decimalText(500n, 1), decimalText(5_000n, 1)).map(([low, high]) => {
  const whole = (text: string) => formatDecimal(decimal(text).round(0));
  return { minimumAmount: whole(low), maximumAmount: formatDecimal(decimal(whole(low)).plus(decimal(whole(high)))) };
});

test("the total is the base fee, the lines and the adjustments, to the minor unit, between minimum and maximum", () => {
  fc.assert(
    fc.property(currency, lines, amounts, share, fc.boolean(), (code, cards, bounds, periodShare, prorate) => {
      const rateCards = cards.map(([card], index) => ({ ...card, meterKey: `meter_${index}` }));
      const json = { key: "p", name: "P", currency: code, baseAmount: "49", interval: "MONTH", intervalCount: 1 };
      const parsed = parsePlanDefinition({ ...json, rateCards, ...bounds, prorate });
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
      const usages = new Map<string, MeterUsage>(
        cards.map(([, total], index) => [`meter_${index}`, { quantity: decimal(total), eventCount: 1n }]),
      );
      const bill = rateBill(parsed.plan, usages, { periodShare });
      const parts = [
        bill.baseFee,
        ...bill.lines.map((line) => line.amount),
        ...bill.adjustments.map((row) => row.amount),
      ];
      expect(bill.total).toEqual(sumMoney(parts, code));
      expect(bill.adjustments.length).toBeLessThanOrEqual(1);
      const bound = (text: string) =>
        roundToMoney(prorate ? prorateAmount(decimal(text), periodShare) : decimal(text), code).amountMinor;
      expect(bill.total.amountMinor).toBeGreaterThanOrEqual(bound(bounds.minimumAmount));
      expect(bill.total.amountMinor).toBeLessThanOrEqual(bound(bounds.maximumAmount));
    }),
  );
});

test("a bill without bounds is additive: each line is what it would be on a bill of its own", () => {
  fc.assert(
    fc.property(currency, lines, (code, cards) => {
      const plan = {
        key: "p",
        name: "P",
        currency: code,
        baseAmount: "0",
        interval: "MONTH",
        intervalCount: 1,
      } as const;
      const rateCards = cards.map(([card], index) => ({ ...card, meterKey: `meter_${index}` }));
      const usages = new Map<string, MeterUsage>(
        cards.map(([, total], index) => [`meter_${index}`, { quantity: decimal(total), eventCount: 1n }]),
      );
      const alone = rateCards.map((card) => rateBill({ ...plan, rateCards: [card] }, usages).total);
      expect(rateBill({ ...plan, rateCards }, usages).total).toEqual(sumMoney(alone, code));
      expect(rateBill({ ...plan, rateCards: [] }, usages, { periodShare: ZERO }).total.amountMinor).toBe(0n);
    }),
  );
});
