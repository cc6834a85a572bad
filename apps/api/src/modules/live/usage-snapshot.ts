import type { EpochMs } from "@meterline/billing-domain";

/**
 * A customer's numbers as they stand, read once for everybody who watches them. `consumption` is what the module rating
 * shows; this module passes it on without looking in.
 */
export type UsageSnapshot = {
  customerId: string;
  consumption: object;
  /** Equal when the numbers are equal, whenever they were read. */
  fingerprint: string;
  /** When another billing period begins, exclusive end of this one. */
  periodEndAt: EpochMs;
  /** True where a number moves without an event: a level that is held. */
  movesByItself: boolean;
};

/** Reads the numbers through the customer's own wall; null where there is no such customer. */
export type ReadUsage = (customerId: string) => Promise<UsageSnapshot | null>;
