import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { formatDecimal } from "./decimal.ts";
import { exampleBill } from "./readme.example.ts";

const source = readFileSync(new URL("./readme.example.ts", import.meta.url), "utf8");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("the README's example is the one that runs here, with the result that it states", () => {
  const body = source.slice(source.indexOf("  const parsed"), source.lastIndexOf("}")).replace(/^ {2}/gm, "").trim();
  expect(readme).toContain(body);
  const { total, lines } = exampleBill();
  expect(lines.map((line) => formatDecimal(line.unroundedAmount))).toEqual(["12.5025"]);
  expect(total).toEqual({ amountMinor: 3250n, currency: "USD" });
  expect(readme).toContain('`{ amountMinor: 3250n, currency: "USD" }`');
  expect(readme).toContain("12.5025");
});
