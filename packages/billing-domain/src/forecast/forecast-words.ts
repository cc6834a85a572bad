import { moneyWords } from "../alert/alert-words.ts";
import { majorAmount, type Money } from "../money.ts";
import type { PeriodForecast } from "./forecast-period.ts";

/** What a forecast was made from, in a sentence. */
export function forecastWords({ method, daysKnown }: Pick<PeriodForecast, "method" | "daysKnown">): string {
  const days = daysKnown === 1 ? "1 day" : `${daysKnown} days`;
  switch (method) {
    case "PATTERN":
      return `From ${days} of usage: the usual week, at the level of the last weeks.`;
    case "FEW_DAYS":
      return `From ${days === "0 days" ? "a few hours" : days} of usage only, so the band is wide.`;
    case "LEVEL":
      return "The level in force now is taken to go on.";
    case "LASTING":
      return "From how such values moved over earlier days; it does not simply grow with time.";
    case "SO_FAR":
      return "There is nothing to go by yet but what has been used.";
  }
}

/** The projected bill in a sentence. */
export function projectedBillWords(bill: { low: Money; expected: Money; high: Money }): string {
  const words = (money: Money) => moneyWords(majorAmount(money), money.currency);
  if (bill.low.amountMinor === bill.high.amountMinor) return `The bill is expected to be ${words(bill.expected)}.`;
  return `The bill is expected to be about ${words(bill.expected)}; four times of five between ${words(bill.low)} and ${words(bill.high)}.`;
}
