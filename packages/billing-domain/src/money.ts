import { chargeStepMinor, currencyExponent } from "./currency.ts";
import { type Decimal, decimal, formatDecimal, roundHalfUp } from "./decimal.ts";

/** An amount in whole minor units of one currency, as Stripe counts them: { amountMinor: 41237n, currency: "USD" } is 412.37 dollars. */
export type Money = { readonly amountMinor: bigint; readonly currency: string };

/** Nothing, in a currency. */
export function zeroMoney(currency: string): Money {
  currencyExponent(currency);
  return { amountMinor: 0n, currency };
}

/**
 * Rounds an exact amount in major units (dollars) to minor units (cents): half up, where a negative half goes away
 * from zero too, so that a credit is the exact mirror of the charge: 0.005 is 1 cent and -0.005 is -1 cent.
 */
export function roundToMoney(majorAmount: Decimal, currency: string): Money {
  const places = currencyExponent(currency);
  const [whole = "0", fraction = ""] = formatDecimal(roundHalfUp(majorAmount, places)).split(".");
  return { amountMinor: BigInt(whole + fraction.padEnd(places, "0")), currency };
}

/** The exact amount in major units: 41237 US cents are 412.37. */
export function majorAmount(money: Money): Decimal {
  const places = currencyExponent(money.currency);
  const sign = money.amountMinor < 0n ? "-" : "";
  const digits = String(money.amountMinor < 0n ? -money.amountMinor : money.amountMinor).padStart(places + 1, "0");
  if (places === 0) return decimal(sign + digits);
  return decimal(`${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`);
}

/** The sum of two amounts. @throws RangeError when the currencies differ: Meterline never converts. */
export function addMoney(left: Money, right: Money): Money {
  if (left.currency !== right.currency) {
    throw new RangeError(`${left.currency} and ${right.currency} amounts cannot be added.`);
  }
  return { amountMinor: left.amountMinor + right.amountMinor, currency: left.currency };
}

/** The sum of a list, zero when it is empty. @throws RangeError when an amount is in another currency. */
export function sumMoney(amounts: Iterable<Money>, currency: string): Money {
  let sum = zeroMoney(currency);
  for (const amount of amounts) sum = addMoney(sum, amount);
  return sum;
}

/** The same amount with the other sign: a charge becomes a credit. */
export function negateMoney(money: Money): Money {
  return { amountMinor: -money.amountMinor, currency: money.currency };
}

/** Rounds an invoice total to what Stripe can charge in the currency (see `chargeStepMinor`), half away from zero. */
export function roundToCharge(total: Money): Money {
  const step = chargeStepMinor(total.currency);
  const size = total.amountMinor < 0n ? -total.amountMinor : total.amountMinor;
  const rounded = ((size + step / 2n) / step) * step;
  return { amountMinor: total.amountMinor < 0n ? -rounded : rounded, currency: total.currency };
}
