import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Bill, rateBill } from "../bill.ts";
import { decimal, formatDecimal, sumDecimals } from "../decimal.ts";
import { sumMoney } from "../money.ts";
import { parsePlanDefinition, type PlanDefinition } from "../plan.ts";
import { boundedCard, signedText } from "../rating/cards.testing.ts";
import type { MeterUsage } from "../rating/index.ts";
import { freezeBill, thawBill } from "./frozen-bill.ts";
import { type LateLine, lateLinesOf } from "./late-usage.ts";

const source = { startAt: 0, endAt: 86_400_000 };
const quantities = fc.array(signedText(2_000n, 3), { minLength: 3, maxLength: 3 });
const bounds = fc.constantFrom(
  {},
  { minimumAmount: "60" },
  { maximumAmount: "90" },
  { minimumAmount: "50", maximumAmount: "51" },
);
const plans = fc
  .tuple(fc.constantFrom("USD", "JPY", "KWD"), fc.array(boundedCard, { minLength: 3, maxLength: 3 }), bounds)
  .map(([currency, cards, billBounds]): PlanDefinition => {
    const rateCards = cards.map((card, index) => ({ ...card, meterKey: `meter_${index}` }));
    const json = { key: "p", name: "P", currency, baseAmount: "49", interval: "MONTH", intervalCount: 1 };
    const parsed = parsePlanDefinition({ ...json, rateCards, ...billBounds });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    return parsed.plan;
  });

function usagesOf(texts: readonly string[]): Map<string, MeterUsage> {
  return new Map(texts.map((text, index) => [`meter_${index}`, { quantity: decimal(text), eventCount: 1n }]));
}

test("what was frozen and every late line since sum to the rating of everything, whatever came in what order", () => {
  fc.assert(
    fc.property(plans, fc.array(quantities, { minLength: 2, maxLength: 6 }), (plan, moments) => {
      const bills = moments.map((texts) => rateBill(plan, usagesOf(texts)));
      const [frozen, ...later] = bills as [Bill, ...Bill[]];
      const billedLate: LateLine[] = [];
      for (const known of later) billedLate.push(...lateLinesOf({ source, frozen, known, billedLate }));
      const last = bills.at(-1) ?? frozen;
      const billed = sumMoney([frozen.total, ...billedLate.map((line) => line.amount)], plan.currency);
      expect(billed).toEqual(last.total);
      for (const line of last.lines) {
        const late = billedLate.filter((one) => one.meterKey === line.meterKey).map((one) => one.quantity);
        const before = frozen.lines.find((one) => one.meterKey === line.meterKey);
        const units = sumDecimals([...(before === undefined ? [] : [before.quantity]), ...late]);
        expect(formatDecimal(units)).toBe(formatDecimal(line.quantity));
      }
      expect(lateLinesOf({ source, frozen, known: last, billedLate })).toEqual([]);
    }),
  );
});

test("a frozen bill through JSON is the same bill, to the last decimal", () => {
  fc.assert(
    fc.property(plans, quantities, (plan, texts) => {
      const usages = usagesOf(texts);
      const bill = rateBill(plan, usages);
      const thawed = thawBill(JSON.parse(JSON.stringify(freezeBill(bill, usages))));
      expect(freezeBill(thawed.bill, thawed.usages)).toEqual(freezeBill(bill, usages));
      expect(thawed.bill.total).toEqual(bill.total);
    }),
  );
});
