import { decimal, type InvoiceDifference, type Money } from "@meterline/billing-domain";
import type { FoundDiscrepancy } from "./discrepancy.repository.ts";

/** What a difference between our lines and Stripe's is called among discrepancies. */
export type InvoiceFinding = Pick<
  FoundDiscrepancy,
  "kind" | "meterKey" | "expectedUnits" | "actualUnits" | "amount" | "message"
> & { part: string };

const usagePrefix = "usage:";

/**
 * A difference as it is written down. `family` is INVOICE or PREVIEW. In another currency nothing of what was owed is
 * invoiced: `totalMinor` is what that is.
 */
export function findingOf(
  difference: InvoiceDifference,
  of: { family: "INVOICE" | "PREVIEW"; currency: string; totalMinor: bigint },
): InvoiceFinding {
  const { key, expectedUnits, actualUnits } = difference;
  return {
    kind: `${of.family}_${difference.kind}`,
    part: key ?? "total",
    meterKey: key?.startsWith(usagePrefix) ? key.slice(usagePrefix.length) : null,
    expectedUnits: expectedUnits === null ? null : decimal(expectedUnits),
    actualUnits: actualUnits === null ? null : decimal(actualUnits),
    amount: amountOf(difference, of),
    message: of.family === "PREVIEW" ? `The preview of the next invoice: ${difference.message}` : difference.message,
  };
}

function amountOf(difference: InvoiceDifference, of: { currency: string; totalMinor: bigint }): Money {
  const { kind, expectedMinor, actualMinor } = difference;
  const amountMinor = kind === "CURRENCY" ? -of.totalMinor : (actualMinor ?? 0n) - (expectedMinor ?? 0n);
  return { amountMinor, currency: of.currency };
}
