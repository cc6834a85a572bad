import {
  customerPeriodAt,
  type EpochMs,
  type LateLine,
  lateLinesOf,
  needsCarriedQuantity,
  thawBill,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { BillingProfile, MeterRow } from "../catalog/index.ts";
import { type FrozenPeriod, frozenPeriodsFrom, lateLinesOfSource } from "./frozen-period.repository.ts";
import { storedBill } from "./stored-bill.ts";

/** Frozen periods looked at for one bill: daily periods over more than a year. */
const maxFrozenPeriods = 400;
const maxMarks = 10_000;

/** Late usage of a customer that no bill has yet. */
export type UnbilledLateUsage = {
  lines: LateLine[];
  /** What was looked at, to be forgotten in the transaction that bills the lines. */
  marks: readonly LateMark[];
};

/** A meter and period whose usage changed after the period was frozen. */
export type LateMark = { meterId: string; periodStartAt: EpochMs };

type Request = { profile: BillingProfile; meters: readonly MeterRow[]; now: EpochMs };

/**
 * What came late and is not billed: every frozen period that a mark touches, rated again with everything known now, less
 * what it was billed. Without a mark it is one look at an index. Oldest period first.
 */
export async function unbilledLateUsage(sql: Sql, of: Request): Promise<UnbilledLateUsage> {
  const { customerId } = of.profile;
  const marks = await lateMarks(sql, customerId);
  if (marks.length === 0) return { lines: [], marks };
  const earliest = Math.min(...marks.map((mark) => mark.periodStartAt));
  const periods = await frozenPeriodsFrom(sql, customerId, earliest, maxFrozenPeriods + 1);
  invariant(periods.length <= maxFrozenPeriods, `late usage of ${customerId} reaches back ${maxFrozenPeriods} periods`);
  const lines: LateLine[] = [];
  for (const period of periods) if (isTouched(period, marks, of)) lines.push(...(await lateLines(sql, period, of)));
  return { lines, marks };
}

/**
 * A mark touches its own period. Where something is carried from period to period, a level or a negative total, it
 * touches all later ones too.
 */
function isTouched(period: FrozenPeriod, marks: readonly LateMark[], of: Request): boolean {
  const term = of.profile.subscriptions.find((one) => one.id === period.subscriptionId);
  return marks.some((mark) => {
    if (mark.periodStartAt === period.startAt) return true;
    if (mark.periodStartAt > period.startAt) return false;
    const meter = of.meters.find((one) => one.id === mark.meterId)?.definition;
    if (meter === undefined) return false;
    const card = term?.plan.rateCards.find((one) => one.meterKey === meter.key);
    return meter.carryOver || (card !== undefined && needsCarriedQuantity(card));
  });
}

async function lateLines(sql: Sql, frozen: FrozenPeriod, of: Request): Promise<LateLine[]> {
  const { profile } = of;
  const period = customerPeriodAt(profile.subscriptions, frozen.startAt);
  const { window } = period;
  const isSame = window.startAt === frozen.startAt && window.endAt === frozen.endAt;
  invariant(isSame, `the frozen period of ${profile.customerId} from ${frozen.startAt} is still one of its periods`);
  const { bill: known } = await storedBill(sql, { ...of, period });
  const billedLate = await lateLinesOfSource(sql, profile.customerId, frozen.startAt);
  return lateLinesOf({ source: window, frozen: thawBill(frozen.bill).bill, billedLate, known });
}

async function lateMarks(sql: Sql, customerId: string): Promise<LateMark[]> {
  const rows = await sql.query<{ meter_id: string; period_start: Date }>(
    `SELECT meter_id, period_start FROM late_usage_mark WHERE customer_id = $1 LIMIT ${maxMarks}`,
    [customerId],
    "late_usage_marks",
  );
  return rows.map((row) => ({ meterId: row.meter_id, periodStartAt: row.period_start.getTime() }));
}

/** Forgets marks whose usage is billed. Under the customer's exclusive usage lock, in the transaction that bills it. */
export async function forgetLateMarks(sql: Sql, customerId: string, marks: readonly LateMark[]): Promise<void> {
  if (marks.length === 0) return;
  await sql.query(
    `DELETE FROM late_usage_mark m USING unnest($2::uuid[], $3::timestamptz[]) AS f (meter_id, period_start)
     WHERE m.customer_id = $1 AND m.meter_id = f.meter_id AND m.period_start = f.period_start`,
    [customerId, marks.map((mark) => mark.meterId), marks.map((mark) => new Date(mark.periodStartAt).toISOString())],
  );
}
