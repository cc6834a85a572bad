import { expect, test } from "vitest";
import { intervalWords } from "./interval-words.ts";
import {
  allowanceWords,
  measuredWords,
  modelWords,
  type PricedLine,
  roundingWords,
  tierRangeWords,
} from "./pricing-words.ts";

const line: PricedLine = {
  quantity: "73402118",
  eventCount: "205114",
  hasValue: true,
  includedQuantity: "10000000",
  billableQuantity: "63402118",
  amount: { amountMinor: "23351", currency: "USD" },
  unroundedAmount: "233.505295",
  model: "GRADUATED",
  meter: { unit: "requests", aggregation: "SUM" },
};

test("a line says how it was measured", () => {
  expect(measuredWords(line)).toBe("73,402,118 requests: the sum of all events (205,114 events).");
  expect(measuredWords({ ...line, eventCount: "1" })).toContain("(1 event).");
  expect(measuredWords({ ...line, hasValue: false, eventCount: "0" })).toContain("billed as 0 (0 events).");
});

test("a line says what the allowance took off", () => {
  expect(allowanceWords(line)).toBe("10,000,000 requests are included and come off first; 63,402,118 are billed.");
  expect(allowanceWords({ ...line, billableQuantity: "0" })).toBe(
    "10,000,000 requests are included, which covers all of it.",
  );
  expect(allowanceWords({ ...line, includedQuantity: "0" })).toBe("No units are included; all of it is billed.");
});

test("a line says how it was rounded, and when there was nothing to round", () => {
  expect(roundingWords(line)).toBe("Exactly $233.505295, rounded once, half up, to the cent: $233.51.");
  expect(roundingWords({ ...line, unroundedAmount: "233.51" })).toBe("Exactly $233.51; nothing to round.");
});

test("a meter without a price says so", () => {
  expect(modelWords({ ...line, model: null })).toBe("This meter has no price in the plan.");
});

test("a tier's lower bound is exclusive and its upper bound inclusive", () => {
  expect(tierRangeWords({ from: null, upTo: "1000" })).toBe("Up to 1,000");
  expect(tierRangeWords({ from: "0", upTo: "1000" })).toBe("Up to 1,000");
  expect(tierRangeWords({ from: "1000", upTo: "10000" })).toBe("Above 1,000, up to 10,000");
  expect(tierRangeWords({ from: "10000", upTo: null })).toBe("Above 10,000");
  expect(tierRangeWords({ from: null, upTo: null })).toBe("All units");
});

test("intervals read as people say them", () => {
  expect(intervalWords("MONTH", 1)).toBe("each month");
  expect(intervalWords("WEEK", 2)).toBe("every 2 weeks");
});
