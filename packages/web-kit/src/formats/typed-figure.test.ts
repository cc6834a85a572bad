import { expect, test } from "vitest";
import { typedFigure } from "./typed-figure.ts";

test("a figure may be typed with spaces and groups, as English writes them, in India too", () => {
  expect(typedFigure(" 1500 ")).toBe("1500");
  expect(typedFigure("1,500.25")).toBe("1500.25");
  expect(typedFigure("12 345 678")).toBe("12345678");
  expect(typedFigure("1,00,000")).toBe("100000");
  expect(typedFigure("0.001")).toBe("0.001");
});

test("a comma that may be meant as a decimal point is never dropped", () => {
  for (const text of ["1,5", "12,50", "1.500,25", "1,2345", ",500", "1,500,", "1.5.2", "-5", "five", ""]) {
    expect(typedFigure(text)).toBeNull();
  }
});
