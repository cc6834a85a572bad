import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeStepMinor, CURRENCIES, currencyExponent, isCurrency } from "./currency.ts";
import { decimal, formatDecimal, maxDecimal, minDecimal, roundHalfUp, sumDecimals, ZERO } from "./decimal.ts";
import { addMoney, majorAmount, negateMoney, roundToCharge, roundToMoney, sumMoney, zeroMoney } from "./money.ts";
import { parseQuantity } from "./quantity.ts";

const decimalText = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }),
    fc.stringMatching(/^[0-9]{0,11}[1-9]$/),
    fc.boolean(),
  )
  .map(
    ([negative, whole, fraction, isWhole]) =>
      `${negative && (whole > 0n || !isWhole) ? "-" : ""}${whole}${isWhole ? "" : `.${fraction}`}`,
  );

describe("decimals", () => {
  it("text of a decimal reads back as the same text", () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        expect(formatDecimal(decimal(text))).toBe(text);
      }),
    );
  });

  it("is exact where binary numbers are not", () => {
    expect(formatDecimal(decimal("0.1").plus(decimal("0.2")))).toBe("0.3");
    expect(formatDecimal(decimal("9007199254740993").times(decimal("1.000000000001")))).toBe(
      "9007199254750000.199254740993",
    );
  });

  it("minus zero is 0, and trailing zeros go", () => {
    expect([decimal("-0"), decimal("1.500"), decimal("0.000000000001")].map(formatDecimal)).toEqual([
      "0",
      "1.5",
      "0.000000000001",
    ]);
  });

  it.each(["", " 1", "1 ", "+1", "1e3", "NaN", "Infinity", ".5", "1.", "1,000", "0x10", "--1"])(
    "%j is no decimal",
    (text) => {
      expect(() => decimal(text)).toThrow(RangeError);
    },
  );

  it("a half is rounded away from zero", () => {
    const rounded = ["0.5", "-0.5", "1.5", "2.5", "0.4999999"].map((text) =>
      formatDecimal(roundHalfUp(decimal(text), 0)),
    );
    expect(rounded).toEqual(["1", "-1", "2", "3", "0"]);
  });

  it("the order of a sum does not matter", () => {
    fc.assert(
      fc.property(fc.array(decimalText, { maxLength: 20 }), (texts) => {
        const sum = (of: string[]) => formatDecimal(sumDecimals(of.map(decimal)));
        expect(sum(texts.toReversed())).toBe(sum(texts));
      }),
    );
    expect(formatDecimal(sumDecimals([]))).toBe("0");
    expect([minDecimal(decimal("-1"), ZERO), maxDecimal(decimal("-1"), ZERO)].map(formatDecimal)).toEqual(["-1", "0"]);
  });
});

describe("quantities", () => {
  it("18 digits before the point and 12 after it are the most", () => {
    expect(parseQuantity("999999999999999999.999999999999").ok).toBe(true);
    expect(parseQuantity("-999999999999999999").ok).toBe(true);
    expect(parseQuantity("1000000000000000000")).toMatchObject({
      ok: false,
      message: expect.stringContaining("too many digits"),
    });
    expect(parseQuantity("0.0000000000001")).toMatchObject({
      ok: false,
      message: expect.stringContaining("too many digits"),
    });
    expect(parseQuantity("1".repeat(40))).toMatchObject({
      ok: false,
      message: expect.stringContaining("too many digits"),
    });
  });

  it.each(["1e400", "NaN", "Infinity", "", " 1", "+1", "1.", ".5", "1,5", "١"])(
    "%j is refused, with what to send",
    (text) => {
      const parsed = parseQuantity(text);
      expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(/Send/) });
    },
  );
});

describe("money", () => {
  it.each([
    ["12.345", "USD", 1235n],
    ["12.344999", "USD", 1234n],
    ["-0.005", "USD", -1n],
    ["0.5", "JPY", 1n],
    ["0.49", "JPY", 0n],
    ["1.2345", "KWD", 1235n],
    ["5", "ISK", 500n],
    ["123456789012345678.905", "EUR", 12345678901234567891n],
  ])("%s %s is %s minor units", (amount, currency, minor) => {
    expect(roundToMoney(decimal(amount), currency)).toEqual({ amountMinor: minor, currency });
  });

  it("minor units and major amount are the same money, in every currency", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.constantFrom(...CURRENCIES),
        (amountMinor, currency) => {
          expect(roundToMoney(majorAmount({ amountMinor, currency }), currency)).toEqual({ amountMinor, currency });
        },
      ),
    );
  });

  it("currencies are never mixed", () => {
    expect(() => addMoney(zeroMoney("USD"), zeroMoney("EUR"))).toThrow(RangeError);
    expect(() => sumMoney([zeroMoney("EUR")], "USD")).toThrow(RangeError);
    expect(() => zeroMoney("usd")).toThrow(RangeError);
  });

  it("a sum is the sum of its parts, and a credit mirrors its charge", () => {
    const cents = (amountMinor: bigint) => ({ amountMinor, currency: "USD" });
    expect(sumMoney([cents(199n), cents(-99n), cents(1n)], "USD")).toEqual(cents(101n));
    expect(negateMoney(cents(5n))).toEqual(cents(-5n));
  });

  it("what can be charged: dinars to ten fils, krónur whole", () => {
    expect(roundToCharge({ amountMinor: 5124n, currency: "KWD" }).amountMinor).toBe(5120n);
    expect(roundToCharge({ amountMinor: 5125n, currency: "KWD" }).amountMinor).toBe(5130n);
    expect(roundToCharge({ amountMinor: -550n, currency: "ISK" }).amountMinor).toBe(-600n);
    expect(chargeStepMinor("USD")).toBe(1n);
  });

  it("currencies have 0, 2 or 3 decimals, and unknown ones are refused", () => {
    expect(["JPY", "USD", "KWD", "UGX"].map(currencyExponent)).toEqual([0, 2, 3, 2]);
    expect(["usd", "XXX", ""].map(isCurrency)).toEqual([false, false, false]);
    expect(() => currencyExponent("XXX")).toThrow(RangeError);
  });
});
