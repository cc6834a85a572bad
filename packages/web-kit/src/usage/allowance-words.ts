import { formatQuantity, isZeroQuantity, percentOf } from "../formats/quantity.ts";
import { type MeasuredMeter, measuredUnit } from "../formats/unit.ts";

/** What an allowance reading is made from; exact text from the API. */
export type AllowanceLine = {
  readonly quantity: string;
  readonly hasValue: boolean;
  readonly includedQuantity: string;
  readonly billableQuantity: string;
  readonly remainingQuantity: string | null;
  readonly meter: MeasuredMeter & { readonly name: string };
};

/** Where a meter stands against its allowance. */
export type AllowanceStanding = "NONE" | "WITHIN" | "NEAR" | "BEYOND";

/** An allowance is "near" its end from this part used, in per cent. */
export const NEAR_PERCENT = 80;

/** NONE: nothing is included. BEYOND: some units are billed. NEAR: 80 % or more used. */
export function allowanceStanding(line: AllowanceLine): AllowanceStanding {
  if (isZeroQuantity(line.includedQuantity)) return "NONE";
  if (!isZeroQuantity(line.billableQuantity)) return "BEYOND";
  return percentOf(line.quantity, line.includedQuantity) >= NEAR_PERCENT ? "NEAR" : "WITHIN";
}

/** The line whose allowance is used the most, in per cent; null when no line has one. */
export function tightestLine<Line extends AllowanceLine>(lines: readonly Line[]): Line | null {
  let tightest: Line | null = null;
  let most = -1;
  for (const line of lines) {
    if (allowanceStanding(line) === "NONE") continue;
    const used = percentOf(line.quantity, line.includedQuantity);
    if (used > most) [tightest, most] = [line, used];
  }
  return tightest;
}

/** What is left, or what is billed beyond: "1,204 requests left", "12 requests billed". */
export function leftWords(line: AllowanceLine): string {
  const unit = measuredUnit(line.meter);
  const standing = allowanceStanding(line);
  if (standing === "NONE") return "No allowance";
  if (standing === "BEYOND") return `${formatQuantity(line.billableQuantity)} ${unit} billed`;
  return `${formatQuantity(line.remainingQuantity ?? "0")} ${unit} left`;
}
