import {
  customerPeriodAt,
  type EpochMs,
  isToldAlready,
  type KnownDifference,
  type MeterDiscrepancy,
  type Money,
  type PlanPeriod,
  priceDifference,
  reconcileMeter,
  zeroMoney,
} from "@meterline/billing-domain";
import { type BillingProfile, type MeterRow, type SubscriptionRow, selectProfiles } from "../catalog/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { forgetCounters } from "../limits/index.ts";
import { type StripeLinks, stripeLinks } from "../stripe-catalog/index.ts";
import { lockUsage, markLateUsage, rebuildTimeoutSql, rebuildUsage } from "../usage/index.ts";
import { periodTickets, settleGone, writeDiscrepancy } from "./discrepancy.repository.ts";
import { type PeriodMeter, readStandings } from "./period-standings.ts";
import { pricedAsLate, pricedByRebuild } from "./price-by-rating.ts";
import type { PeriodBilling, ReconcileOptions, ReconcileParts, Whose } from "./reconcile.types.ts";
import { reconcileInvoices } from "./reconcile-invoices.ts";
import { previewSubject, reconcilePreview } from "./reconcile-preview.ts";
import { type RunCounts, noCounts } from "./reconciliation-run.repository.ts";
import { isOnMinutes, stripeTotal } from "./stripe-summary.ts";

/** The running period and so many before it: what may still be put right. */
const periodsBack = 2;
/** Stripe takes no event older than 35 days. */
const tellableForMs = 35 * 86_400_000;
/** What Stripe accepted so recently may not be counted yet. No bound is published; an hour is the harsher reading. */
const settledAfterMs = 3_600_000;
const dayMs = 86_400_000;

/** Holds every number of a customer's recent periods against where it comes from, and repairs what is safe to repair. */
export async function reconcileCustomer(
  parts: ReconcileParts,
  customerId: string,
  options: ReconcileOptions,
): Promise<RunCounts> {
  const [profile] = await selectProfiles(parts.database, { ids: [customerId], externalIds: [] });
  if (profile === undefined) return noCounts;
  const now = parts.clock.now();
  let counts: RunCounts = { ...noCounts, customersChecked: 1 };
  for (const period of turned(recentPeriods(profile, now), now)) {
    counts = addCounts(counts, await reconcilePeriod(parts, { profile, period }, options));
  }
  return { ...counts, reads: options.purse.spent };
}

/** Another one is the first each day, so that where the purse never suffices for all, each has its turn. */
function turned<T>(all: readonly T[], now: EpochMs): T[] {
  const first = all.length === 0 ? 0 : Math.floor(now / dayMs) % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
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

async function reconcilePeriod(parts: ReconcileParts, whose: Whose, options: ReconcileOptions): Promise<RunCounts> {
  const { database, clock, reporting } = parts;
  const { profile, period } = whose;
  const { customerId } = profile;
  const { window } = period;
  const now = clock.now();
  const { meters } = options;
  const read = await database.snapshot((sql) => readStandings(sql, { ...whose, meters, reporting, now }));
  const stripe = await stripeSide(parts, whose);
  const { numbers, unread } = await withSummaries(parts, whose, { read, stripe, options });
  const known = await periodTickets(database, { customerId, periodStartAt: window.startAt });
  const counts = { ...noCounts, numbersChecked: numbers.length, unread };
  const subjectPrefix = `period:${new Date(window.startAt).toISOString()}:`;
  const still = new Set<string>();
  for (const { meter, standings, told } of numbers) {
    for (const found of reconcileMeter(standings)) {
      const { key } = meter.definition;
      const amount = await amountOf(parts, whose, { found, meterKey: key, billing: stripe?.billing ?? null, meters });
      const isTicket = found.route === "TICKET";
      const units = found.actual.minus(found.expected);
      const difference = { kind: found.kind, part: `usage:${key}`, units, amountMinor: amount?.amountMinor ?? null };
      if (isTicket && isToldAlready(difference, known)) continue;
      const subject = `${subjectPrefix}${key}`;
      counts.found += 1;
      if (isTicket) counts.tickets += 1;
      await writeFinding(parts, whose, { found, meterKey: key, amount, subject, runId: options.runId, now });
      if (isTicket || !options.repair || !(await repair(parts, whose, { found, meter, told }))) {
        still.add(`${found.kind} ${subject}`);
        continue;
      }
      counts.repaired += 1;
    }
  }
  await settleGone(database, { customerId, subjectPrefix, stillFound: still }, now);
  return addCounts(counts, await reconcileInvoicing(parts, whose, { stripe, numbers, known, options }));
}

/** The invoice of a running period is a preview; that of one that is over is final, or its end is still at work on it. */
async function reconcileInvoicing(
  parts: ReconcileParts,
  whose: Whose,
  of: {
    stripe: PeriodStripe | null;
    numbers: readonly PeriodMeter[];
    known: readonly KnownDifference[];
    options: ReconcileOptions;
  },
): Promise<RunCounts> {
  const { database, clock } = parts;
  const { customerId } = whose.profile;
  const { window } = whose.period;
  const { stripe, known, options } = of;
  const now = clock.now();
  const isRunning = now < window.endAt;
  if (!isRunning || stripe?.billing == null) {
    // What the last preview showed is the final invoice's matter now.
    const subjectPrefix = previewSubject(window.startAt);
    await settleGone(database, { customerId, subjectPrefix, stillFound: new Set() }, now);
  }
  if (stripe === null) return noCounts;
  const asked = { ...parts, gateway: stripe.gateway };
  if (!isRunning) return reconcileInvoices(asked, whose, { known, options });
  if (stripe.billing === null) return noCounts;
  return reconcilePreview(asked, whose, { billing: stripe.billing, numbers: of.numbers, known, options });
}

/** A period's side at Stripe; `billing` is null where Meterline bills it by itself. */
type PeriodStripe = {
  gateway: StripeGateway;
  stripeCustomerId: string;
  meters: StripeLinks["meters"];
  billing: PeriodBilling | null;
};

/** Null where Stripe is not configured, or does not have the customer (any more). */
async function stripeSide(
  { database, gateway, closings }: ReconcileParts,
  { profile, period }: Whose,
): Promise<PeriodStripe | null> {
  if (gateway === null) return null;
  const { customerId } = profile;
  const links = await stripeLinks(database, [customerId]);
  const customer = links.customers.get(customerId);
  if (customer === undefined || customer.deletedAt !== null) return null;
  const of = { customerId, subscriptionId: period.term.id, window: period.window };
  const billing = await closings.billingOf(database, of);
  return { gateway, stripeCustomerId: customer.stripeCustomerId, meters: links.meters, billing };
}

/** Adds what Stripe's summaries say, as far as the purse goes. */
async function withSummaries(
  parts: ReconcileParts,
  { profile, period }: Whose,
  of: { read: readonly PeriodMeter[]; stripe: PeriodStripe | null; options: ReconcileOptions },
): Promise<{ numbers: readonly PeriodMeter[]; unread: number }> {
  const { read, stripe, options } = of;
  if (stripe === null || !read.some((one) => one.told !== null)) return { numbers: read, unread: 0 };
  const { window } = period;
  const { customerId } = profile;
  const now = parts.clock.now();
  const isFinal = await parts.closings.isInvoiced(parts.database, { customerId, startAt: window.startAt });
  const canReport = !isFinal && now - window.endAt < tellableForMs;
  if (!isOnMinutes(window)) return { numbers: read, unread: 1 };
  const numbers: PeriodMeter[] = [];
  let unread = 0;
  for (const one of turned(read, now)) {
    const { reports } = one.standings;
    const stripeMeterId = stripe.meters.get(one.meter.definition.key)?.stripeMeterId ?? null;
    if (reports === null || stripeMeterId === null) {
      numbers.push(one);
      continue;
    }
    // One total is one row, so one GET.
    if (!options.purse.take()) {
      unread = 1;
      numbers.push(one);
      continue;
    }
    const { stripeCustomerId } = stripe;
    const summary = await stripeTotal(stripe.gateway, { stripeMeterId, stripeCustomerId, window });
    const isSettled = now - (one.told?.lastAcceptedAt ?? 0) >= settledAfterMs;
    const standings = { ...one.standings, reports: { ...reports, summary, isSettled, canReport } };
    numbers.push({ ...one, standings });
  }
  return { numbers, unread };
}

/** What Stripe counts of a line that Meterline rates costs nobody anything: the line is added as an amount. */
const countKinds: ReadonlySet<string> = new Set(["REPORT_PLAN", "REPORT_DEAD", "STRIPE_SUMMARY"]);

async function amountOf(
  parts: ReconcileParts,
  whose: Whose,
  of: { found: MeterDiscrepancy; meterKey: string; billing: PeriodBilling | null; meters: readonly MeterRow[] },
): Promise<Money | null> {
  const { found, meterKey, billing } = of;
  const { currency } = whose.profile;
  const isCount = countKinds.has(found.kind);
  if (isCount && billing?.ratedBy(meterKey) === "METERLINE") return zeroMoney(currency);
  const card = whose.period.term.plan.rateCards.find((one) => one.meterKey === meterKey) ?? null;
  const priced = priceDifference(card, { expected: found.expected, actual: found.actual, currency });
  if (priced !== null) return priced;
  // A card that a total alone does not price is none that Stripe can rate.
  if (isCount) return zeroMoney(currency);
  return found.kind === "LATE_USAGE" ? pricedAsLate(parts, whose, of) : pricedByRebuild(parts, whose, of);
}

async function writeFinding(
  { database }: ReconcileParts,
  { profile, period }: Whose,
  of: { found: MeterDiscrepancy; meterKey: string; amount: Money | null; subject: string; runId: string; now: EpochMs },
): Promise<void> {
  const { found, meterKey, amount } = of;
  await writeDiscrepancy(
    database,
    {
      customerId: profile.customerId,
      kind: found.kind,
      subject: of.subject,
      meterKey,
      periodStartAt: period.window.startAt,
      statementId: null,
      stripeId: null,
      expectedUnits: found.expected,
      actualUnits: found.actual,
      amount,
      currency: profile.currency,
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
async function rebuild(
  { database, nudges }: ReconcileParts,
  { profile, period }: Whose,
  meter: MeterRow,
): Promise<void> {
  const { customerId } = profile;
  await database.transaction(async (transaction) => {
    await transaction.query(rebuildTimeoutSql);
    await lockUsage(transaction, { shared: [], exclusive: [customerId] });
    const [locked] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
    if (locked === undefined) return;
    await rebuildUsage(transaction, customerId, locked.subscriptions);
    await forgetCounters(transaction, customerId);
    if (locked.frozenUntil === null || period.window.endAt > locked.frozenUntil) return;
    await markLateUsage(transaction, [{ customerId, meterId: meter.id, period: period.window }]);
  });
  nudges.nudge([customerId]);
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
    reads: one.reads + other.reads,
  };
}
