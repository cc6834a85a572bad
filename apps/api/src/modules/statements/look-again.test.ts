import { expect, test } from "vitest";
import { lookAgainAfter } from "./look-again.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test("a ticket is looked at every ten minutes at first, and every three hours in the end", () => {
  expect(lookAgainAfter(10 * minute, 0)).toBe(10 * minute);
  expect(lookAgainAfter(10 * minute, 40 * minute)).toBe(10 * minute);
  expect(lookAgainAfter(10 * minute, 2 * hour)).toBe(30 * minute);
  expect(lookAgainAfter(hour, 2 * hour)).toBe(hour);
  expect(lookAgainAfter(10 * minute, 30 * day)).toBe(3 * hour);
});

test("a ticket of a month costs less than three hundred looks, of 10,000 reads that an account has at least", () => {
  let looks = 0;
  for (let waited = 0; waited < 30 * day; waited += lookAgainAfter(10 * minute, waited)) looks += 1;
  expect(looks).toBeLessThan(300);
});
