import { type BillingChanges, type BillingProfiles, type Meters, selectProfiles } from "../modules/catalog/index.ts";
import { PeriodFreezer, scheduleClosing } from "../modules/rating/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";

/** What closing billing periods stands on. */
export type ClosingBase = {
  database: Database;
  clock: Clock;
  meters: Meters;
  profiles: BillingProfiles;
  billingChanges: BillingChanges;
};

/** The parts that close billing periods. */
export function createClosing(base: ClosingBase) {
  const freezer = new PeriodFreezer(base);
  // A change of plan moves the end of the period that is frozen next.
  base.billingChanges.addListener(async (transaction, customerId) => {
    const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
    if (profile !== undefined) await scheduleClosing(transaction, profile);
  });
  return { freezer };
}
