/**
 * Currencies as Stripe charges them, from https://docs.stripe.com/currencies (read November 2026).
 * "Currencies are two-decimal currencies unless otherwise specified"; the exceptions are below. Stripe's table is not
 * ISO 4217's, and it is Stripe that reads our integers, so where they differ Stripe's wins.
 */

/** Presentment currencies of that page which have two decimals in the API. */
const TWO_DECIMAL =
  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC " +
  "CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR " +
  "KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK " +
  "PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU " +
  "UZS WST XCD XCG YER ZAR ZMW";

/** "The charge and the amount are the same, without requiring multiplication": 500 JPY is the amount 500. */
const ZERO_DECIMAL = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF";

/** The last digit of a charge must be 0: "5.124 KWD must be rounded to 5120 or 5130". */
const THREE_DECIMAL = "BHD JOD KWD OMR TND";

/**
 * The special cases. ISK and UGX "transitioned to a zero-decimal currency, but backwards compatibility requires you to
 * represent it as a two-decimal value, where the decimal amount is always 00": 5 ISK is the amount 500. (UGX stands in
 * the zero-decimal list too; the special case governs the amount.) HUF and TWD are special for payouts only.
 */
const WHOLE_UNITS_IN_TWO_DECIMALS: ReadonlySet<string> = new Set(["ISK", "UGX"]);

const EXPONENTS: ReadonlyMap<string, 0 | 2 | 3> = new Map([
  ...TWO_DECIMAL.split(" ").map((code) => [code, 2] as const),
  ...ZERO_DECIMAL.split(" ").map((code) => [code, 0] as const),
  ...THREE_DECIMAL.split(" ").map((code) => [code, 3] as const),
]);

/** Every supported code, upper case, in alphabetical order. */
export const CURRENCIES: readonly string[] = [...EXPONENTS.keys()].sort();

/** Whether `code` is a supported currency. Codes are upper case: "USD", never "usd". */
export function isCurrency(code: string): boolean {
  return EXPONENTS.has(code);
}

/**
 * Decimals between the major unit and Stripe's integer amount: USD 2, JPY 0, KWD 3, and 2 for ISK and UGX.
 * @throws RangeError when the currency is not supported.
 */
export function currencyExponent(currency: string): 0 | 2 | 3 {
  const exponent = EXPONENTS.get(currency);
  if (exponent === undefined) {
    throw new RangeError(`"${currency}" is not a supported currency; use an upper-case code such as "USD".`);
  }
  return exponent;
}

/**
 * What a charged amount must be a multiple of, in minor units: 1; 10 for three-decimal currencies; 100 for ISK and UGX.
 * Invoice lines are rounded to one minor unit. Stripe rounds the invoice *total* to this step and keeps the difference
 * on the customer's balance, so a total that is to match what is paid must be rounded with `roundToCharge`.
 */
export function chargeStepMinor(currency: string): bigint {
  if (WHOLE_UNITS_IN_TWO_DECIMALS.has(currency)) return 100n;
  return currencyExponent(currency) === 3 ? 10n : 1n;
}
