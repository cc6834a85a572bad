import { type Decimal, formatDecimal, maxDecimal, sumDecimals, ZERO } from "../decimal.ts";
import { zeroMoney } from "../money.ts";
import type { PlanDefinition } from "../plan.ts";
import type { RateCard } from "../rate-card.ts";
import { rateUsage } from "../rating/index.ts";
import { summaryAgrees } from "../reporting/summary-value.ts";
import { compareInvoice, type InvoiceDifference, type InvoiceLine } from "../statement/invoice-comparison.ts";
import { type BaseFee, type RatedBy, statementLines } from "../statement/statement-lines.ts";
import type { Window } from "../window.ts";

/** What Stripe's own summary holds of a meter. While it is not settled, a preview may show more or less of it. */
export type CountedUsage = { summary: Decimal; isSettled: boolean };

/** What Stripe should make by itself of the invoice at the end of the running period. */
export type PreviewExpectation = {
  plan: PlanDefinition;
  window: Window;
  /** The base fee that is charged ahead for the period that follows; null where none follows. */
  feeAhead: BaseFee | null;
  ratedBy: (meterKey: string) => RatedBy;
  /** By meter key; a meter that Stripe was not asked about is missing. */
  counted: ReadonlyMap<string, CountedUsage>;
};

/** The next invoice as Stripe shows it. */
export type InvoicePreview = { currency: string; lines: readonly InvoiceLine[] };

/**
 * Holds the preview of the next invoice against what our rate cards make of Stripe's own count. A preview lags, and shows
 * only what was processed: each line is priced at the units that it shows itself, so a lag differs in nothing, and a wrong
 * price, a line that is missing and one that is not ours do. Units are compared with Stripe's summary once that has
 * settled. What Meterline adds to the draft at the period's end is on no preview, and is not expected.
 */
export function comparePreview(expected: PreviewExpectation, preview: InvoicePreview): InvoiceDifference[] {
  const { plan, window, feeAhead, ratedBy } = expected;
  const { currency } = plan;
  const cards = plan.rateCards.filter((card) => ratedBy(card.meterKey) === "STRIPE");
  const zero = zeroMoney(currency);
  const rated = cards.map((card) => priced(card, shownUnits(card, expected, preview), currency));
  const lines = statementLines({
    ended: { window, bill: { baseFee: zero, lines: rated, adjustments: [], total: zero }, lateLines: [] },
    feeCharged: zero,
    feeAhead,
    ratedBy,
  });
  const subtotalMinor = lines.reduce((sum, line) => sum + line.amount.amountMinor, 0n);
  const differences = compareInvoice({ currency, lines }, { ...preview, subtotalMinor });
  if (currency !== preview.currency) return differences;
  for (const card of cards) {
    const shown = linesOf(card, preview);
    const counted = expected.counted.get(card.meterKey);
    if (shown.length === 0 || counted === undefined || !counted.isSettled) continue;
    differences.push(...unitsDifference(card, unitsOf(shown), { counted, currency }));
  }
  return differences;
}

/** The units to price a line at: those that it shows; of one that is missing, those that Stripe has counted. */
function shownUnits(card: RateCard, expected: PreviewExpectation, preview: InvoicePreview): Decimal {
  const shown = linesOf(card, preview);
  return shown.length > 0 ? unitsOf(shown) : billable(expected.counted.get(card.meterKey)?.summary ?? ZERO);
}

function unitsDifference(
  card: RateCard,
  shown: Decimal,
  { counted, currency }: { counted: CountedUsage; currency: string },
): InvoiceDifference[] {
  const expected = billable(counted.summary);
  if (summaryAgrees(expected, shown)) return [];
  const key = keyOf(card);
  const [expectedUnits, actualUnits] = [formatDecimal(expected), formatDecimal(shown)];
  return [
    {
      kind: "QUANTITY",
      key,
      expectedUnits,
      actualUnits,
      expectedMinor: priced(card, expected, currency).amount.amountMinor,
      actualMinor: priced(card, shown, currency).amount.amountMinor,
      message: `Line ${key} of the next invoice has ${actualUnits} units, and Stripe's own summary holds ${expectedUnits}.`,
    },
  ];
}

const keyOf = (card: RateCard): string => `usage:${card.meterKey}`;

const linesOf = (card: RateCard, preview: InvoicePreview): InvoiceLine[] =>
  preview.lines.filter((line) => line.key === keyOf(card));

const unitsOf = (lines: readonly InvoiceLine[]): Decimal => sumDecimals(lines.map((line) => line.quantity ?? ZERO));

/** A negative total is invoiced as nothing. */
const billable = (units: Decimal): Decimal => maxDecimal(units, ZERO);

const priced = (card: RateCard, quantity: Decimal, currency: string) =>
  rateUsage(card, { quantity, eventCount: 0n }, { currency });
