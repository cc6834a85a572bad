import { type Decimal, decimal, type EpochMs, formatDecimal } from "@meterline/billing-domain";

/** Between a `timestamptz` column and the instant that the rest of the code counts in. */
export const instantColumn = {
  to: (at: EpochMs | null | undefined): Date | null | undefined => (typeof at === "number" ? new Date(at) : at),
  from: (stored: Date | null): EpochMs | null => (stored === null ? null : stored.getTime()),
};

/** Between a `numeric` column, which `pg` answers as text, and a decimal. */
export const decimalColumn = {
  to: (value: Decimal | null | undefined): string | null | undefined =>
    value ? formatDecimal(value) : (value as null | undefined),
  from: (stored: string | null): Decimal | null => (stored === null ? null : decimal(stored)),
};

/** Between an `int8` column, which `pg` answers as text, and a bigint. */
export const bigintColumn = {
  to: (value: bigint | null | undefined): string | null | undefined =>
    typeof value === "bigint" ? value.toString() : value,
  from: (stored: string | null): bigint | null => (stored === null ? null : BigInt(stored)),
};
