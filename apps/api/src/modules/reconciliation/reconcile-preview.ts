import {
  baseFeeAhead,
  type CountedUsage,
  comparePreview,
  customerPeriodAt,
  isToldAlready,
  type KnownDifference,
  type PreviewExpectation,
} from "@meterline/billing-domain";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import { settleGone, writeDiscrepancy } from "./discrepancy.repository.ts";
import { findingOf, type InvoiceFinding } from "./invoice-finding.ts";
import type { PeriodMeter } from "./period-standings.ts";
import type { PeriodBilling, ReconcileOptions, ReconcileParts, Whose } from "./reconcile.types.ts";
import { noCounts, type RunCounts } from "./reconciliation-run.repository.ts";
import { keyInvoiceLines, readPreview, type WholeInvoice } from "./stripe-invoice.ts";

type Asked = ReconcileParts & { gateway: StripeGateway };

/** What was read of the period before. */
export type PreviewContext = {
  billing: PeriodBilling;
  numbers: readonly PeriodMeter[];
  known: readonly KnownDifference[];
  options: ReconcileOptions;
};

/** Stripe's word for a subscription that is invoiced no more. */
const noneCode = "invoice_upcoming_none";

/** What the subjects of a running period's preview begin with. */
export const previewSubject = (periodStartAt: number): string => `preview:${new Date(periodStartAt).toISOString()}:`;

/** Holds the next invoice, as Stripe shows it, against what we make of Stripe's own count. */
export async function reconcilePreview(parts: Asked, whose: Whose, of: PreviewContext): Promise<RunCounts> {
  const { database, gateway, clock, reporting } = parts;
  const { profile, period } = whose;
  const { customerId } = profile;
  const { window } = period;
  const { billing, known, options } = of;
  const preview = await previewOf(gateway, billing.stripeSubscriptionId, options);
  if (preview === "UNREAD") return { ...noCounts, unread: 1 };
  const now = clock.now();
  // The period ended meanwhile: from here on its end looks at the invoice itself.
  if (now >= window.endAt) return noCounts;
  const told = await reporting.toldTotals(database, customerId, window.startAt);
  const expected: PreviewExpectation = {
    plan: period.term.plan,
    window,
    feeAhead: feeAheadOf(whose, billing),
    ratedBy: billing.ratedBy,
    counted: countedOf(of.numbers, told),
  };
  const found = (await differencesOf(parts, expected, preview)).filter((one) => !isKnown(one, known));
  const subjectPrefix = previewSubject(window.startAt);
  const still = new Set<string>();
  for (const { part, ...finding } of found) {
    const subject = `${subjectPrefix}${part}`;
    still.add(`${finding.kind} ${subject}`);
    const about = { customerId, subject, periodStartAt: window.startAt, statementId: null, state: "TICKET" as const };
    const stripe = { stripeId: billing.stripeSubscriptionId, currency: expected.plan.currency };
    await writeDiscrepancy(database, { ...finding, ...about, ...stripe }, { now, runId: options.runId });
  }
  await settleGone(database, { customerId, subjectPrefix, stillFound: still }, now);
  const lines = preview === null ? 0 : preview.lines.length;
  return { ...noCounts, numbersChecked: lines, found: found.length, tickets: found.length };
}

/** Null when Stripe makes no next invoice. */
async function previewOf(
  gateway: StripeGateway,
  stripeSubscriptionId: string,
  { purse }: ReconcileOptions,
): Promise<WholeInvoice | "UNREAD" | null> {
  try {
    return (await readPreview(gateway, stripeSubscriptionId, () => purse.take())) ?? "UNREAD";
  } catch (error) {
    const { kind, code } = classifyStripeError(error);
    if (kind === "PERMANENT" && (code === noneCode || code === "resource_missing")) return null;
    throw error;
  }
}

async function differencesOf(
  { database }: ReconcileParts,
  expected: PreviewExpectation,
  preview: WholeInvoice | null,
): Promise<InvoiceFinding[]> {
  const { currency } = expected.plan;
  const nothing = comparePreview(expected, { currency, lines: [] });
  const totalMinor = nothing.reduce((sum, one) => sum + (one.expectedMinor ?? 0n), 0n);
  const whole = (kind: string, message: string): InvoiceFinding[] => [
    {
      kind,
      part: "total",
      meterKey: null,
      expectedUnits: null,
      actualUnits: null,
      amount: { amountMinor: -totalMinor, currency },
      message,
    },
  ];
  if (preview === null) {
    if (totalMinor === 0n) return [];
    return whole("PREVIEW_NONE", "Stripe will make no invoice for the running period: its subscription is over.");
  }
  const { invoice } = preview;
  // Stripe may take hours to renew. Whether it does at all is for the end of the period before to find out.
  if (invoice.usageEndAt === expected.window.startAt) return [];
  if (invoice.usageEndAt !== expected.window.endAt) {
    const [ours, theirs] = [expected.window.endAt, invoice.usageEndAt].map((at) => new Date(at).toISOString());
    return whole(
      "PREVIEW_PERIOD",
      `Stripe's next invoice is for a period that ends at ${theirs}, ours ends at ${ours}.`,
    );
  }
  const lines = await keyInvoiceLines(database, preview.lines);
  return comparePreview(expected, { currency: invoice.currency, lines }).map((difference) =>
    findingOf(difference, { family: "PREVIEW", currency, totalMinor }),
  );
}

/** As the statement of the running period will charge it. */
function feeAheadOf({ profile, period }: Whose, billing: PeriodBilling): PreviewExpectation["feeAhead"] {
  const next = customerPeriodAt(profile.subscriptions, period.window.endAt);
  return billing.goesOn && next.term !== null ? baseFeeAhead(next.term.plan, next) : null;
}

/** Settled is what Stripe had time to count, when nothing was told between the summary and the preview. */
function countedOf(
  numbers: readonly PeriodMeter[],
  toldNow: readonly { meterId: string; channel: string; pending: number; lastAcceptedAt: number | null }[],
): Map<string, CountedUsage> {
  const counted = new Map<string, CountedUsage>();
  for (const { meter, standings, told } of numbers) {
    const { reports } = standings;
    if (reports === null || reports.summary === null) continue;
    const after = toldNow.find((one) => one.meterId === meter.id && one.channel === "EVENTS");
    const isStill = after?.pending === 0 && after.lastAcceptedAt === told?.lastAcceptedAt;
    const isSettled = reports.isSettled && reports.pending === 0 && isStill;
    counted.set(meter.definition.key, { summary: reports.summary, isSettled });
  }
  return counted;
}

function isKnown(finding: InvoiceFinding, known: readonly KnownDifference[]): boolean {
  const { expectedUnits, actualUnits, amount, kind, part } = finding;
  const units = expectedUnits === null || actualUnits === null ? null : actualUnits.minus(expectedUnits);
  return isToldAlready({ kind, part, units, amountMinor: amount?.amountMinor ?? null }, known);
}
