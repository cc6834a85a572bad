import { describe, expect, test } from "vitest";
import { formatExactMoney, formatMoney, isZeroMoney, majorText, minorUnitWord, wasRounded } from "./money.ts";

const locale = "en-GB";
const money = (amountMinor: string, currency: string) => ({ amountMinor, currency });
/** Intl puts a no-break space between a code and its number. */
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("majorText", () => {
  test("two decimals: the point is moved, zeros are kept", () => {
    expect(majorText(money("41237", "USD"))).toBe("412.37");
    expect(majorText(money("5", "USD"))).toBe("0.05");
    expect(majorText(money("0", "USD"))).toBe("0.00");
  });
  test("no decimals: 500 JPY is 500 yen", () => {
    expect(majorText(money("500", "JPY"))).toBe("500");
  });
  test("three decimals: 5 fils are 0.005 dinar", () => {
    expect(majorText(money("5", "KWD"))).toBe("0.005");
  });
  test("negative amounts keep their sign before the zero", () => {
    expect(majorText(money("-5", "USD"))).toBe("-0.05");
    expect(majorText(money("-123456", "KWD"))).toBe("-123.456");
  });
  test("ISK is counted in hundredths, as Stripe does, whatever Intl thinks", () => {
    expect(majorText(money("500", "ISK"))).toBe("5.00");
  });
  test("text that is no whole number is a bug, not a zero", () => {
    expect(() => majorText(money("12.5", "USD"))).toThrow(RangeError);
    expect(() => majorText(money("", "USD"))).toThrow(RangeError);
  });
});

describe("formatMoney", () => {
  test("shows all decimals of the currency and groups digits", () => {
    expect(formatMoney(money("123456789", "USD"), { locale })).toBe("$1,234,567.89");
    expect(formatMoney(money("1234567", "JPY"), { locale })).toBe("¥1,234,567");
    expect(plain(formatMoney(money("1234567", "KWD"), { locale }))).toBe("KWD 1,234.567");
  });
  test("amounts past 2^53 are exact to the cent", () => {
    expect(formatMoney(money("900719925474099301", "USD"), { locale })).toBe("$9,007,199,254,740,993.01");
  });
  test("a credit is negative, and a signed charge has a plus", () => {
    expect(formatMoney(money("-1", "EUR"), { locale })).toBe("-€0.01");
    expect(formatMoney(money("100", "EUR"), { locale, signed: true })).toBe("+€1.00");
    expect(formatMoney(money("0", "EUR"), { locale, signed: true })).toBe("€0.00");
  });
});

describe("formatExactMoney", () => {
  test("twelve decimals of a unit price are all shown", () => {
    expect(formatExactMoney("0.000000000001", "USD", { locale })).toBe("$0.000000000001");
    expect(formatExactMoney("0.0004", "USD", { locale })).toBe("$0.0004");
  });
  test("never fewer decimals than the currency has", () => {
    expect(formatExactMoney("2.5", "USD", { locale })).toBe("$2.50");
    expect(plain(formatExactMoney("2.5", "KWD", { locale }))).toBe("KWD 2.500");
    expect(formatExactMoney("2.5", "JPY", { locale })).toBe("¥2.5");
  });
  test("a product of twelve by twelve decimals keeps all twenty-four", () => {
    expect(formatExactMoney("1.000000000000000000000001", "USD", { locale })).toBe("$1.000000000000000000000001");
  });
});

test("wasRounded tells an exact amount from one that rounding changed", () => {
  expect(wasRounded("412.37", money("41237", "USD"))).toBe(false);
  expect(wasRounded("412.3700", money("41237", "USD"))).toBe(false);
  expect(wasRounded("412", money("41200", "USD"))).toBe(false);
  expect(wasRounded("0", money("0", "USD"))).toBe(false);
  expect(wasRounded("412.365", money("41237", "USD"))).toBe(true);
  expect(wasRounded("100", money("100", "JPY"))).toBe(false);
});

test("zero is zero with either sign", () => {
  expect(isZeroMoney(money("0", "USD"))).toBe(true);
  expect(isZeroMoney(money("-0", "USD"))).toBe(true);
  expect(isZeroMoney(money("1", "USD"))).toBe(false);
});

test("the rounding unit is named for each number of decimals", () => {
  expect(minorUnitWord("USD")).toBe("cent");
  expect(minorUnitWord("JPY")).toBe("whole JPY");
  expect(minorUnitWord("KWD")).toBe("0.001 KWD");
  expect(minorUnitWord("GBP")).toBe("0.01 GBP");
});
