import {
  customerPeriodAt,
  type EpochMs,
  type MeterDiscrepancy,
  type PlanPeriod,
  priceDifference,
  reconcileMeter,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { type BillingProfile, type MeterRow, type SubscriptionRow, selectProfiles } from "../catalog/index.ts";
import { stripeLinks } from "../stripe-catalog/index.ts";
import type { MeterReporting } from "../stripe-reporting/index.ts";
import { lockUsage, markLateUsage, rebuildTimeoutSql, rebuildUsage } from "../usage/index.ts";
import { settleGone, writeDiscrepancy } from "./discrepancy.repository.ts";
import { type PeriodMeter, readStandings } from "./period-standings.ts";
import { type RunCounts, noCounts } from "./reconciliation-run.repository.ts";
import { isOnMinutes, stripeTotal } from "./stripe-summary.ts";

/** What reconciling a customer stands on. */
export type ReconcileParts = {
  database: Database;
  clock: Clock;
  /** Null where Stripe is not configured. */
  gateway: StripeGateway | null;
  reporting: MeterReporting;
  /** Whether a period's invoice is final, so that nothing that is told now would be on it. */
  isInvoiced(sql: Sql, of: { customerId: string; startAt: EpochMs }): Promise<boolean>;
};

/** How to look. */
export type ReconcileOptions = { runId: string; repair: boolean; askStripe: boolean; meters: readonly MeterRow[] };

/** The running period and so many before it: what may still be put right. */
const periodsBack = 2;
/** Stripe takes no event older than 35 days. */
const tellableForMs = 35 * 86_400_000;
/** What Stripe accepted so recently may not be counted yet. No bound is published; an hour is the harsher reading. */
const settledAfterMs = 3_600_000;

/** Holds every number of a customer's recent periods against where it comes from, and repairs what is safe to repair. */
export async function reconcileCustomer(
  parts: ReconcileParts,
  customerId: string,
  options: ReconcileOptions,
): Promise<RunCounts> {
  const [profile] = await selectProfiles(parts.database, { ids: [customerId], externalIds: [] });
  if (profile === undefined) return noCounts;
  let counts: RunCounts = { ...noCounts, customersChecked: 1 };
  for (const period of recentPeriods(profile, parts.clock.now())) {
    counts = addCounts(counts, await reconcilePeriod(parts, { profile, period }, options));
  }
  return counts;
}

function recentPeriods(profile: BillingProfile, now: EpochMs): PlanPeriod<SubscriptionRow>[] {
  const periods: PlanPeriod<SubscriptionRow>[] = [];
  let at = now;
  for (let back = 0; back <= periodsBack; back += 1) {
    const period = customerPeriodAt(profile.subscriptions, at);
    // Historical periods are reported to nobody and billed by nobody.
    if (period.term !== null && period.window.endAt > profile.goLiveAt) periods.push({ ...period, term: period.term });
    at = period.window.startAt - 1;
  }
  return periods.toReversed();
}

type Whose = { profile: BillingProfile; period: PlanPeriod<SubscriptionRow> };

async function reconcilePeriod(parts: ReconcileParts, whose: Whose, options: ReconcileOptions): Promise<RunCounts> {
  const { database, clock, reporting } = parts;
  const { profile, period } = whose;
  const { customerId } = profile;
  const now = clock.now();
  const { meters } = options;
  const read = await database.snapshot((sql) => readStandings(sql, { ...whose, meters, reporting, now }));
  const { numbers, unread } = await withStripe(parts, whose, read, options);
  const counts = { ...noCounts, numbersChecked: numbers.length, unread };
  const subjectPrefix = `period:${new Date(period.window.startAt).toISOString()}:`;
  const still = new Set<string>();
  for (const { meter, standings, told } of numbers) {
    for (const found of reconcileMeter(standings)) {
      const subject = `${subjectPrefix}${meter.definition.key}`;
      const isTicket = found.route === "TICKET";
      counts.found += 1;
      if (isTicket) counts.tickets += 1;
      await writeFinding(parts, whose, { found, meter, subject, runId: options.runId, now });
      if (isTicket || !options.repair || !(await repair(parts, whose, { found, meter, told }))) {
        still.add(`${found.kind} ${subject}`);
        continue;
      }
      counts.repaired += 1;
    }
  }
  await settleGone(database, { customerId, subjectPrefix, stillFound: still }, now);
  return counts;
}

/** Adds what Stripe's summaries say. Reads are counted, and are not made where the allowance is running out. */
async function withStripe(
  parts: ReconcileParts,
  { profile, period }: Whose,
  read: readonly PeriodMeter[],
  { askStripe }: ReconcileOptions,
): Promise<{ numbers: readonly PeriodMeter[]; unread: number }> {
  const { database, gateway, clock } = parts;
  const { customerId } = profile;
  const isTold = read.some((one) => one.told !== null);
  if (gateway === null || !isTold) return { numbers: read, unread: 0 };
  const links = await stripeLinks(database, [customerId]);
  const customer = links.customers.get(customerId);
  if (customer === undefined || customer.deletedAt !== null) return { numbers: read, unread: 0 };
  const { window } = period;
  const now = clock.now();
  const isFinal = await parts.isInvoiced(database, { customerId, startAt: window.startAt });
  const canReport = !isFinal && now - window.endAt < tellableForMs;
  const mayAsk = askStripe && isOnMinutes(window);
  const numbers: PeriodMeter[] = [];
  for (const one of read) {
    const { reports } = one.standings;
    const stripeMeterId = links.meters.get(one.meter.definition.key)?.stripeMeterId ?? null;
    if (reports === null || stripeMeterId === null || !mayAsk) {
      numbers.push(one);
      continue;
    }
    const { stripeCustomerId } = customer;
    const summary = await stripeTotal(gateway, { stripeMeterId, stripeCustomerId, window });
    const isSettled = now - (one.told?.lastAcceptedAt ?? 0) >= settledAfterMs;
    const standings = { ...one.standings, reports: { ...reports, summary, isSettled, canReport } };
    numbers.push({ ...one, standings });
  }
  return { numbers, unread: mayAsk ? 0 : 1 };
}

async function writeFinding(
  { database }: ReconcileParts,
  { profile, period }: Whose,
  of: { found: MeterDiscrepancy; meter: MeterRow; subject: string; runId: string; now: EpochMs },
): Promise<void> {
  const { found, meter } = of;
  const { currency } = profile;
  const card = period.term.plan.rateCards.find((one) => one.meterKey === meter.definition.key) ?? null;
  await writeDiscrepancy(
    database,
    {
      customerId: profile.customerId,
      kind: found.kind,
      subject: of.subject,
      meterKey: meter.definition.key,
      periodStartAt: period.window.startAt,
      statementId: null,
      stripeId: null,
      expectedUnits: found.expected,
      actualUnits: found.actual,
      amount: priceDifference(card, { expected: found.expected, actual: found.actual, currency }),
      currency,
      message: found.message,
      state: found.route === "TICKET" ? "TICKET" : "OPEN",
    },
    { now: of.now, runId: of.runId },
  );
}

/** True when what was wrong is put right, or is on its way to Stripe by new rows. */
async function repair(
  parts: ReconcileParts,
  whose: Whose,
  of: { found: MeterDiscrepancy; meter: MeterRow; told: PeriodMeter["told"] },
): Promise<boolean> {
  const { customerId } = whose.profile;
  const { startAt } = whose.period.window;
  switch (of.found.route) {
    case "REBUILD":
      await rebuild(parts, whose, of.meter);
      return true;
    case "PLAN":
      await parts.reporting.flushPeriod(customerId, startAt);
      return true;
    case "REPORT": {
      if (of.told === null) return false;
      const line = { customerId, meterId: of.meter.id, channel: of.told.channel, periodStartAt: startAt };
      const reason = `A reconciliation found that ${of.found.message}`;
      const { outcome } = await parts.reporting.repair({ ...line, counted: of.found.actual, reason });
      return outcome === "REPAIRED";
    }
    case "TICKET":
      return false;
  }
}

/** Writes everything derived anew from events; a frozen period was rated from what was wrong, so it is rated again. */
async function rebuild({ database }: ReconcileParts, { profile, period }: Whose, meter: MeterRow): Promise<void> {
  const { customerId } = profile;
  await database.transaction(async (transaction) => {
    await transaction.query(rebuildTimeoutSql);
    await lockUsage(transaction, { shared: [], exclusive: [customerId] });
    const [locked] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
    if (locked === undefined) return;
    await rebuildUsage(transaction, customerId, locked.subscriptions);
    if (locked.frozenUntil === null || period.window.endAt > locked.frozenUntil) return;
    await markLateUsage(transaction, [{ customerId, meterId: meter.id, period: period.window }]);
  });
}

/** The sum of two counts. */
export function addCounts(one: RunCounts, other: RunCounts): RunCounts {
  return {
    customersChecked: one.customersChecked + other.customersChecked,
    customersFailed: one.customersFailed + other.customersFailed,
    numbersChecked: one.numbersChecked + other.numbersChecked,
    found: one.found + other.found,
    repaired: one.repaired + other.repaired,
    tickets: one.tickets + other.tickets,
    unread: one.unread + other.unread,
  };
}
