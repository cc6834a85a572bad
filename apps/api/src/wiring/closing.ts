import { type BillingChanges, type BillingProfiles, type Meters, selectProfiles } from "../modules/catalog/index.ts";
import { PeriodFreezer, scheduleClosing } from "../modules/rating/index.ts";
import {
  StatementResolver,
  StatementService,
  type StripeBillingOf,
  writeStatement,
} from "../modules/statements/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";
import type { Nudging } from "../platform/live/index.ts";

/** What closing billing periods stands on. */
export type ClosingBase = {
  database: Database;
  clock: Clock;
  meters: Meters;
  profiles: BillingProfiles;
  billingChanges: BillingChanges;
  nudges: Nudging;
};

/** The resolver classes of closing. */
export const closingResolverClasses = [StatementResolver];

/** The parts that close billing periods. */
export function wireClosing(base: ClosingBase) {
  const freezer = new PeriodFreezer(base);
  // A change of plan moves the end of the period that is frozen next.
  base.billingChanges.addListener(async (transaction, customerId) => {
    const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
    if (profile !== undefined) await scheduleClosing(transaction, profile);
  });
  const stripeBillingOf: StripeBillingOf = async () => null;
  freezer.addListener((transaction, frozen) => writeStatement(transaction, frozen, stripeBillingOf));
  const statements = new StatementService(base.database);
  const resolvers: [unknown, unknown][] = [
    [StatementResolver, new StatementResolver({ statements, profiles: base.profiles, meters: base.meters })],
  ];
  return { freezer, statements, resolvers };
}
