import { addMoney, type Bill, type Money, negateMoney, zeroMoney } from "@meterline/billing-domain";
import { selectProfiles } from "../catalog/index.ts";
import { storedBill, unbilledLateUsage } from "../rating/index.ts";
import { lockUsage, rebuildTimeoutSql, rebuildUsage } from "../usage/index.ts";
import type { ReconcileOptions, ReconcileParts, Whose } from "./reconcile.types.ts";

type Line = { meterKey: string; meters: ReconcileOptions["meters"] };

/** Undoes the transaction that it is thrown in, and carries out what was seen there. */
class Seen extends Error {
  readonly amount: Money;
  constructor(amount: Money) {
    super("seen, and undone");
    this.amount = amount;
  }
}

/**
 * What wrong derived rows change of a meter's line, where a total alone has no price: the period is rated as it stands, and
 * again with everything counted anew, in a transaction that is undone.
 */
export async function pricedByRebuild(
  { database, clock }: ReconcileParts,
  { profile, period }: Whose,
  { meterKey, meters }: Line,
): Promise<Money | null> {
  const { customerId } = profile;
  try {
    return await database.transaction(async (transaction) => {
      await transaction.query(rebuildTimeoutSql);
      await lockUsage(transaction, { shared: [], exclusive: [customerId] });
      const [locked] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
      if (locked === undefined) return null;
      const request = { profile: locked, period, meters, now: clock.now() };
      const { bill: asItStands } = await storedBill(transaction, request);
      await rebuildUsage(transaction, customerId, locked.subscriptions);
      const { bill: anew } = await storedBill(transaction, request);
      throw new Seen(addMoney(lineOf(asItStands, meterKey), negateMoney(lineOf(anew, meterKey))));
    });
  } catch (error) {
    if (error instanceof Seen) return error.amount;
    // Totals that do not sum to one another have no price; counted anew they do.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What late usage of a period comes to that nobody bills, where a total alone has no price; null where there is none. */
export async function pricedAsLate(
  { database, clock }: ReconcileParts,
  { profile, period }: Whose,
  { meterKey, meters }: Line,
): Promise<Money | null> {
  const { lines } = await database.snapshot((sql) => unbilledLateUsage(sql, { profile, meters, now: clock.now() }));
  const own = lines.filter((line) => line.meterKey === meterKey && line.source.startAt === period.window.startAt);
  if (own.length === 0) return null;
  return negateMoney(own.reduce((sum, line) => addMoney(sum, line.amount), zeroMoney(profile.currency)));
}

function lineOf(bill: Bill, meterKey: string): Money {
  return bill.lines.find((line) => line.meterKey === meterKey)?.amount ?? zeroMoney(bill.total.currency);
}
