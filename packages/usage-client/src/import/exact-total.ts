const QUANTITY = /^(-?)(\d{1,18})(?:\.(\d{1,12}))?$/;
const DECIMALS = 12;
const ONE = 10n ** BigInt(DECIMALS);

/** A quantity in units of 10⁻¹², exactly. Null when the text is not a plain decimal within the bounds of the API. */
export function parseUnits(text: string): bigint | null {
  const match = QUANTITY.exec(text);
  if (match === null) return null;
  const [, sign, whole = "", fraction] = match;
  const units = BigInt(whole) * ONE + (fraction === undefined ? 0n : BigInt(fraction.padEnd(DECIMALS, "0")));
  return sign === "-" ? -units : units;
}

/** The plain decimal of a number of 10⁻¹² units, without trailing zeros. */
export function formatUnits(units: bigint): string {
  const magnitude = units < 0n ? -units : units;
  const fraction = (magnitude % ONE).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${magnitude / ONE}${fraction === "" ? "" : `.${fraction}`}`;
}
