import {
  type Bill,
  type BillingPeriodState,
  type CustomerPeriod,
  closingState,
  customerPeriodAt,
  type EpochMs,
  type LateLine,
  type MeterUsage,
  type Money,
  nextPeriodToFreeze,
  thawBill,
  totalWithLate,
  windowContains,
} from "@meterline/billing-domain";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import { badUserInput, invariant } from "../../platform/graphql/index.ts";
import {
  type BillingProfile,
  type MeterRow,
  type Meters,
  type SubscriptionRow,
  selectProfiles,
} from "../catalog/index.ts";
import type { LimitReader } from "../limits/index.ts";
import type { LimitStateType } from "../usage/index.ts";
import { findFrozenPeriod, lateLinesBilledIn } from "./frozen-period.repository.ts";
import { unbilledLateUsage } from "./late-usage.ts";
import { storedBill } from "./stored-bill.ts";

/** A customer's bill for one billing period: as far as it has got, or as it was frozen. */
export type ConsumptionView = {
  profile: BillingProfile;
  period: CustomerPeriod<SubscriptionRow>;
  state: BillingPeriodState;
  bill: Bill;
  /** What came late of earlier periods and is billed in this one. */
  lateLines: readonly LateLine[];
  /** The bill and the late lines together. */
  total: Money;
  usages: ReadonlyMap<string, MeterUsage>;
  meters: ReadonlyMap<string, MeterRow>;
  /** The strictest limit on each meter, by its key, and on the whole bill, by "". */
  limits: ReadonlyMap<string, LimitStateType>;
  /** Every event recorded before this instant is in the numbers: now, or when the period was frozen. */
  completeThrough: EpochMs;
};

/** Periods that begin before it end in a year that dates can name, however long they are. */
const latestAt = Date.UTC(9000, 0);

/** Rates what customers used. The one place that turns stored usage into a bill, for every screen and statement. */
export class ConsumptionService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly meters: Meters,
    private readonly limits: LimitReader,
  ) {}

  /** The billing period at `at`. Its cost does not grow with the number of events. */
  async consumption(viewer: Viewer, profile: BillingProfile, at: EpochMs): Promise<ConsumptionView> {
    if (at >= latestAt) throw badUserInput("at lies too far ahead; ask for a time before the year 9000.", "at");
    const meters = await this.meters.all();
    return readAs(this.database, viewer, (sql) => this.consumptionIn(sql, profile.customerId, { at, meters }));
  }

  /** The same, read in a snapshot that the caller has open. */
  async consumptionIn(
    sql: Sql,
    customerId: string,
    { at, meters }: { at: EpochMs; meters: readonly MeterRow[] },
  ): Promise<ConsumptionView> {
    const now = this.clock.now();
    // From the same snapshot as the totals: those of the periods of a profile that was cached may be gone.
    const [stored] = await selectProfiles(sql, { ids: [customerId], externalIds: [] });
    invariant(stored, `customer ${customerId} is there`);
    const period = customerPeriodAt(stored.subscriptions, at);
    const view =
      (await frozenView(sql, stored, period)) ?? (await openView(sql, { profile: stored, period, meters, now }));
    return {
      ...view,
      profile: stored,
      period,
      total: totalWithLate(view.bill, view.lateLines),
      state: closingState(period, stored, now),
      meters: new Map(meters.map((meter) => [meter.definition.key, meter])),
      limits: await this.limits.statesAt(stored, { at: limitedAt(period, at, now), meters, sql }),
    };
  }
}

/** Of the current period, limits are those of this moment; of another, those around the instant that was asked for. */
function limitedAt({ window }: CustomerPeriod<SubscriptionRow>, at: EpochMs, now: EpochMs): EpochMs {
  return windowContains(window, now) ? now : at;
}

type PartialView = Pick<ConsumptionView, "bill" | "lateLines" | "usages" | "completeThrough">;

/** What was written down when the period was frozen; null when it is not. */
async function frozenView(
  sql: Sql,
  profile: BillingProfile,
  period: CustomerPeriod<SubscriptionRow>,
): Promise<PartialView | null> {
  const { startAt, endAt } = period.window;
  if (profile.frozenUntil === null || endAt > profile.frozenUntil) return null;
  const frozen = await findFrozenPeriod(sql, profile.customerId, startAt);
  if (frozen === null) return null;
  const lateLines = await lateLinesBilledIn(sql, profile.customerId, startAt);
  return { ...thawBill(frozen.bill), lateLines, completeThrough: frozen.frozenAt };
}

/** What stands now. Late usage of frozen periods is in the period that is frozen next, and in no other. */
async function openView(
  sql: Sql,
  of: { profile: BillingProfile; period: CustomerPeriod<SubscriptionRow>; meters: readonly MeterRow[]; now: EpochMs },
): Promise<PartialView> {
  const { profile, period, now } = of;
  const rated = await storedBill(sql, of);
  const isNext = nextPeriodToFreeze(profile)?.window.startAt === period.window.startAt;
  const lateLines = isNext && profile.frozenUntil !== null ? (await unbilledLateUsage(sql, of)).lines : [];
  return { ...rated, lateLines, completeThrough: now };
}
