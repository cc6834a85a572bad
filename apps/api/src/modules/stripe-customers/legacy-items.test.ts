import { expect, test } from "vitest";
import { type LegacyItem, matchLegacyItems } from "./legacy-items.ts";

const cards = [
  { meterKey: null, name: "Standard", charges: "2000" },
  { meterKey: "calls", name: "API calls", charges: "1" },
  { meterKey: "peak", name: "Peak", charges: null },
];
const base: LegacyItem = {
  itemId: "si_base",
  priceId: "price_base",
  isMetered: false,
  meterId: null,
  lookupKey: null,
  metadata: {},
  productName: "Standard",
  charges: "2000",
  aggregate: null,
};
const metered = (more: Partial<LegacyItem>): LegacyItem => ({
  ...base,
  itemId: "si_m",
  priceId: "price_m",
  isMetered: true,
  charges: "1",
  aggregate: "sum",
  ...more,
});
const keysOf = (items: LegacyItem[]) => {
  const match = matchLegacyItems(items, cards);
  return match.ok ? match.items.map((item) => item.meterKey) : match.reason;
};

test("a metered item is its meter's by metadata, by lookup key, and by its product's name", () => {
  expect(keysOf([base, metered({ metadata: { meterline_meter: "calls" } })])).toEqual([null, "calls"]);
  expect(keysOf([base, metered({ lookupKey: "calls" })])).toEqual([null, "calls"]);
  expect(keysOf([base, metered({ productName: " api Calls" })])).toEqual([null, "calls"]);
});

test("metadata outranks a name, and an unknown key there is refused", () => {
  expect(keysOf([base, metered({ productName: "API calls", metadata: { meterline_meter: "other" } })])).toContain(
    "si_m names no meter of the plan",
  );
});

test("what would be billed otherwise than by the plan is refused", () => {
  expect(keysOf([metered({ lookupKey: "calls" })])).toBe("it has no licensed item for the base fee");
  expect(keysOf([{ ...base, charges: "1999" }])).toContain("charges for the base fee 1999, and the plan 2000");
  expect(keysOf([base, metered({ lookupKey: "peak" })])).toContain("and the plan in a way that Stripe cannot");
  expect(keysOf([base, metered({ lookupKey: "calls" }), metered({ lookupKey: "calls" })])).toContain(
    "bills calls, which si_m does already",
  );
  expect(keysOf([base, metered({ lookupKey: "calls", meterId: "mtr_1" })])).toContain("the Billing Meter mtr_1");
  expect(keysOf([base, metered({ lookupKey: "calls", aggregate: "last_ever" })])).toContain("last_ever");
});
