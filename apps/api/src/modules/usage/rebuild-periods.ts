import { customerPeriodsBetween, type PlanTerm } from "@meterline/billing-domain";
import type { Transaction } from "../../platform/database/index.ts";
import {
  forgetPeriods,
  forgetWindows,
  recountPeriods,
  recountWindows,
  usageSpan,
  windowsWithUsage,
} from "./usage-recompute.repository.ts";

/** Daily periods over more than fifty years. */
const maxPeriods = 20_000;
const windowsAtATime = 2_000;

/**
 * Writes every period total of a customer anew for the terms that now hold. Run it in the transaction that changes
 * them, under the customer's exclusive usage lock.
 */
export async function rebuildPeriodTotals(
  transaction: Transaction,
  customerId: string,
  terms: readonly PlanTerm[],
): Promise<void> {
  await forgetPeriods(transaction, customerId);
  const span = await usageSpan(transaction, customerId);
  if (span === null) return;
  const periods = customerPeriodsBetween(terms, span.startAt, span.endAt, maxPeriods);
  await recountPeriods(
    transaction,
    customerId,
    null,
    periods.map((period) => period.window),
  );
}

/** Writes every rollup of a customer anew from events, then its period totals: what is derived can always be rebuilt. */
export async function rebuildUsage(
  transaction: Transaction,
  customerId: string,
  terms: readonly PlanTerm[],
): Promise<void> {
  await forgetWindows(transaction, customerId);
  for (let windows = await windowsWithUsage(transaction, customerId, null, windowsAtATime); windows.length > 0; ) {
    await recountWindows(transaction, customerId, windows);
    windows = await windowsWithUsage(transaction, customerId, windows.at(-1) ?? null, windowsAtATime);
  }
  await rebuildPeriodTotals(transaction, customerId, terms);
}
