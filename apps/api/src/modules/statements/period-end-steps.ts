import {
  addMoney,
  compareInvoice,
  decimal,
  type EpochMs,
  formatDecimal,
  freezableAt,
  type InvoiceDifference,
  invoiceItemsFor,
  type Money,
  negateMoney,
  type StatementLine,
  ZERO,
} from "@meterline/billing-domain";
import type { Database } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import {
  findPeriodInvoice,
  type FoundDiscrepancy,
  isOnMinutes,
  keyInvoiceLines,
  lineKeyField,
  type ReadInvoice,
  readInvoice,
  readInvoiceLines,
  stripeTotal,
} from "../reconciliation/index.ts";
import {
  type ClosingStep,
  type PeriodClosing,
  type SeenSummaries,
  setInvoice,
  setSummaries,
} from "./period-closing.repository.ts";
import { faultsOfDraft, findingsOf } from "./draft-check.ts";
import { unitsAtStake } from "./amount-at-stake.ts";
import type { PeriodLink, PeriodLinks, PeriodReporting, ToldMeter } from "./period-end.ports.ts";
import { type StatementRecord, setStatementInvoice, statementOfPeriod } from "./statement.repository.ts";
import { type StoredStatementLine, statementLinesOf } from "./statement-line.repository.ts";
import { billUnchargedLater } from "./uncharged-lines.ts";

/** What the steps work with. */
export type StepParts = {
  database: Database;
  gateway: StripeGateway;
  reporting: PeriodReporting;
  links: PeriodLinks;
  now: () => EpochMs;
};

/** What a step came to: on to the next, to be looked at again, or a person has to look. */
export type StepOutcome =
  | { to: "NEXT" }
  /** `left`: what is wrong still, and no more of this closing's business. */
  | { to: "STEP"; step: ClosingStep; left?: readonly TicketFinding[] }
  | { to: "WAIT"; forMs: number; note: string }
  | { to: "TICKET"; found: readonly TicketFinding[]; note: string; lookAgainMs: number | null }
  | { to: "FINAL"; statement: StatementRecord; invoice: ReadInvoice };

/** What a ticket says; the rest of it is known from the closing. Without an amount, the whole statement is at stake. */
export type TicketFinding = Pick<
  FoundDiscrepancy,
  "kind" | "meterKey" | "expectedUnits" | "actualUnits" | "amount" | "message"
> & { part: string };

/** Stripe's metadata field in which what was made for a statement names it. */
const statementField = "meterline_statement";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Stripe makes the draft at the period's end; one that is not there so much later does not come by itself. */
const invoiceWithinMs = 6 * hour;
/** A wrong summary that says the same so often in a row, so long after the last report, is taken to be complete. */
const readsToBelieve = 3;
const believeAfterMs = hour;
const readEveryMs = minute;
/** Past this a summary that does not come right waits for a person. */
const settleWithinMs = 24 * hour;
const ticketLookAgainMs = 10 * minute;

/** Keeps Stripe from finalizing the draft before everything is on it. Nothing is lost when it was too late. */
export async function holdDraft(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { database, gateway, now } = parts;
  const { endAt } = closing.window;
  if (now() < endAt) return { to: "WAIT", forMs: endAt - now(), note: "The period has not ended." };
  if (closing.stripeSubscriptionId === null) return unbilled(parts, closing);
  const link = await requireLink(parts, closing);
  if (link.customerDeletedAt !== null) {
    return ticket("CUSTOMER_DELETED", "customer", "The customer was deleted in Stripe, which invoices it no more.");
  }
  const invoice = await invoiceOfClosing(parts, closing);
  if (invoice === null) {
    const waitedMs = now() - endAt;
    const note = "Stripe has no invoice for this period yet.";
    if (waitedMs < invoiceWithinMs) return { to: "WAIT", forMs: waitedMs < hour ? minute : 10 * minute, note };
    return ticket(
      "INVOICE_MISSING",
      "invoice",
      `Stripe made no invoice for the period within ${invoiceWithinMs / hour} hours.`,
    );
  }
  await setInvoice(database, closing.id, invoice.id);
  if (invoice.status === "draft" && invoice.isAutomatic) {
    await gateway.stripe.invoices.update(
      invoice.id,
      { auto_advance: false },
      { idempotencyKey: `ml_hold_${closing.id}_${invoice.id}` },
    );
  }
  return { to: "NEXT" };
}

/** The customer is billed through Stripe, and no subscription there covers the period: a person invoices it. */
async function unbilled(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const statement = await statementOf(parts, closing);
  invariant(statement, `period ${closing.id} is frozen`);
  const message =
    "The customer is billed through Stripe, and no subscription there covers this period, so nothing was invoiced. " +
    "Invoice the statement by hand, then accept it with the invoice's number as the reason.";
  const about = { kind: "NOT_BILLED", part: "subscription", meterKey: null, expectedUnits: null, actualUnits: null };
  const found = { ...about, amount: negateMoney(statement.total), message };
  return { to: "TICKET", found: [found], note: message, lookAgainMs: null };
}

/** Waits until the period is frozen: its statement is written in the same transaction. */
export async function awaitFreeze(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  if ((await statementOf(parts, closing)) !== null) return { to: "NEXT" };
  const dueAt = freezableAt(closing.window);
  return { to: "WAIT", forMs: Math.max(dueAt - parts.now(), 0) + 30 * second, note: "The period is not frozen yet." };
}

/** Has everything that is still to be told sent, and Stripe accept it. */
export async function flushReports(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { customerId, window } = closing;
  const { isFlushed, totals } = await parts.reporting.flushPeriod(customerId, window.startAt);
  const stuck = totals.filter((total) => total.dead > 0 || !total.untold.eq(ZERO));
  if (stuck.length === 0 && isFlushed) return { to: "NEXT" };
  if (stuck.length === 0) return { to: "WAIT", forMs: 10 * second, note: "Reports are on their way to Stripe." };
  const keys = await meterKeys(parts);
  const found = await Promise.all(stuck.map((total) => reportFinding(parts, closing, { total, keys })));
  // A final invoice takes nothing that is told after it, so it is held against the statement as it is.
  const isUnderWay = totals.some(({ pending, uncertain }) => pending + uncertain > 0);
  const isFinal = !isUnderWay && (await requireAll(parts, closing)).invoice.status !== "draft";
  if (isFinal) return { to: "STEP", step: "ITEMS", left: found };
  return { to: "TICKET", found, note: "Stripe does not take some reports.", lookAgainMs: ticketLookAgainMs };
}

/** Waits until Stripe counts what it was told; a total that stays wrong is put right by a new report. */
export async function awaitSummaries(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { customerId, window } = closing;
  const link = await requireLink(parts, closing);
  const { isFlushed, totals } = await parts.reporting.flushPeriod(customerId, window.startAt);
  if (!isFlushed) return { to: "STEP", step: "REPORT" };
  // Summaries are cut at minutes. Subscriptions made here have their edges on them; for others the invoice itself is held
  // against the statement, which catches the same difference later.
  if (!isOnMinutes(window)) return { to: "NEXT" };
  const keys = await meterKeys(parts);
  const seen: Record<string, { value: string; reads: number }> = {};
  const open: { total: ToldMeter; counted: string }[] = [];
  for (const total of totals) {
    const stripeMeterId = link.stripeMeters.get(total.meterId);
    if (total.channel !== "EVENTS" || stripeMeterId === undefined) continue;
    const { stripeCustomerId } = link;
    const counted = await stripeTotal(parts.gateway, { stripeMeterId, stripeCustomerId, window });
    const line = { customerId, meterId: total.meterId, channel: total.channel, periodStartAt: window.startAt, counted };
    if ((await parts.reporting.settled(line)) === "CONFIRMED") continue;
    const value = formatDecimal(counted);
    const before = closing.summaries[total.meterId];
    const reads = before?.value === value ? before.reads + 1 : 1;
    seen[total.meterId] = { value, reads };
    const isBelieved = reads >= readsToBelieve && parts.now() - (total.lastAcceptedAt ?? 0) >= believeAfterMs;
    if (isBelieved) {
      const reason = `At the period's end Stripe's summary said ${value} ${reads} times in a row.`;
      const { outcome } = await parts.reporting.repair({ ...line, reason });
      if (outcome === "REPAIRED") return { to: "STEP", step: "REPORT" };
    }
    open.push({ total, counted: value });
  }
  if (open.length === 0) return { to: "NEXT" };
  await setSummaries(parts.database, closing.id, seen satisfies SeenSummaries);
  const waitedMs = parts.now() - closing.stepSince;
  const note = `Stripe counts ${open.map(({ total, counted }) => `${counted} of ${formatDecimal(total.told)} ${keys.get(total.meterId) ?? ""}`).join(", ")}.`;
  if (waitedMs < settleWithinMs) return { to: "WAIT", forMs: waitedMs < 10 * minute ? 20 * second : readEveryMs, note };
  const found = await Promise.all(open.map((one) => summaryFinding(parts, closing, { ...one, keys })));
  return { to: "TICKET", found, note, lookAgainMs: ticketLookAgainMs };
}

/**
 * Adds to the draft what Stripe does not make itself. Each item carries its line's key, so none is added twice. A draft that
 * holds what the statement does not is not finalized: it waits for a person while it can still be put right.
 */
export async function addInvoiceItems(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { gateway, database } = parts;
  const { invoice, statement, lines } = await requireAll(parts, closing);
  await setStatementInvoice(database, statement, invoice);
  if (invoice.status !== "draft") {
    // Nobody was there to hold it: what is missing is billed with the open period, where that is exact.
    const differences = await differencesOf(parts, { invoice, statement, lines });
    await billUnchargedLater(database, { closing, statement, invoice, differences }, parts.now());
    return { to: "STEP", step: "COMPARE" };
  }
  const there = await readInvoiceLines(gateway, invoice.id);
  const items = invoiceItemsFor(lines, new Set(there.flatMap((line) => line.lineKey ?? [])));
  for (const item of items) {
    await gateway.stripe.invoiceItems.create(
      {
        customer: invoice.customerId,
        invoice: invoice.id,
        amount: jsonNumber(item.amountMinor),
        currency: statement.total.currency.toLowerCase(),
        description: describe(item.line),
        period: {
          start: Math.floor(item.line.window.startAt / second),
          end: Math.floor(item.line.window.endAt / second),
        },
        metadata: { [lineKeyField]: item.key, [statementField]: statement.id },
      },
      // The same item again within a day is replayed by this key; later ones are found on the draft.
      { idempotencyKey: `ml_item_${statement.id}_${item.key}` },
    );
  }
  const found = await faultsOfDraft(parts, { invoice, there, items, statement, lines });
  if (found.length === 0) return { to: "NEXT" };
  return { to: "TICKET", found, note: "The draft is not to be finalized as it is.", lookAgainMs: hour };
}

/** Has Stripe finalize the draft and collect it. */
export async function finalizeInvoice(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { invoice } = await requireAll(parts, closing);
  if (invoice.status === "draft") {
    await parts.gateway.stripe.invoices.finalizeInvoice(
      invoice.id,
      { auto_advance: true },
      { idempotencyKey: `ml_final_${closing.id}_${invoice.id}` },
    );
  }
  return { to: "NEXT" };
}

/** Holds the finalized invoice against the statement, line by line, to the cent. */
export async function compareWithInvoice(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { invoice, statement, lines } = await requireAll(parts, closing);
  await setStatementInvoice(parts.database, statement, invoice);
  if (invoice.status === "draft")
    return { to: "WAIT", forMs: minute, note: "Stripe has not finalized the invoice yet." };
  const differences = await differencesOf(parts, { invoice, statement, lines });
  if (differences.length === 0) return { to: "FINAL", statement, invoice };
  const found = findingsOf(differences, statement);
  return { to: "TICKET", found, note: "The invoice is not what the statement says.", lookAgainMs: null };
}

/** Has Stripe make a credit note of an invoice for what a LATE statement gives back, once. */
export async function creditInvoice(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { gateway } = parts;
  const { invoice, statement } = await requireAll(parts, closing);
  const { data } = await gateway.stripe.creditNotes.list({ invoice: invoice.id, limit: 100 });
  const made =
    data.find((note) => note.metadata?.[statementField] === statement.id) ??
    (await gateway.stripe.creditNotes.create(
      {
        invoice: invoice.id,
        amount: jsonNumber(-statement.total.amountMinor),
        // A paid invoice gives it to the customer's balance; an open one is owed less by it.
        ...(invoice.status === "paid" ? { credit_amount: jsonNumber(-statement.total.amountMinor) } : {}),
        memo: "Usage of earlier billing periods that was taken back",
        metadata: { [statementField]: statement.id },
      },
      { idempotencyKey: `ml_credit_${statement.id}` },
    ));
  const given = { amountMinor: BigInt(made.total), currency: statement.total.currency };
  const tooLittle = addMoney(negateMoney(given), negateMoney(statement.total));
  if (tooLittle.amountMinor !== 0n) {
    const message = `The credit note ${made.id} comes to ${made.total} minor units.`;
    return ticket("CREDIT_NOTE", "credit-note", message, tooLittle);
  }
  return { to: "FINAL", statement, invoice: { ...invoice, number: made.number, pdfUrl: made.pdf, hostedUrl: null } };
}

async function differencesOf(
  parts: StepParts,
  { invoice, statement, lines }: Awaited<ReturnType<typeof requireAll>>,
): Promise<InvoiceDifference[]> {
  const read = await readInvoiceLines(parts.gateway, invoice.id);
  return compareInvoice(
    { currency: statement.total.currency, lines },
    {
      currency: invoice.currency,
      subtotalMinor: invoice.subtotalMinor,
      lines: await keyInvoiceLines(parts.database, read),
    },
  );
}

async function invoiceOfClosing(parts: StepParts, closing: PeriodClosing): Promise<ReadInvoice | null> {
  if (closing.stripeInvoiceId !== null) return readInvoice(parts.gateway, closing.stripeInvoiceId);
  const { stripeSubscriptionId, window } = closing;
  invariant(stripeSubscriptionId !== null, `closing ${closing.id} has a subscription at Stripe`);
  return findPeriodInvoice(parts.gateway, { stripeSubscriptionId, endAt: window.endAt });
}

function statementOf(parts: StepParts, closing: PeriodClosing): Promise<StatementRecord | null> {
  const { customerId, kind, window } = closing;
  return statementOfPeriod(parts.database, { customerId, kind, startAt: window.startAt });
}

async function requireAll(
  parts: StepParts,
  closing: PeriodClosing,
): Promise<{ invoice: ReadInvoice; statement: StatementRecord; lines: StoredStatementLine[] }> {
  const statement = await statementOf(parts, closing);
  invariant(statement, `the statement of ${closing.id} is written`);
  invariant(closing.stripeInvoiceId, `the invoice of ${closing.id} is known`);
  const invoice = await readInvoice(parts.gateway, closing.stripeInvoiceId);
  const { customerId, id, total } = statement;
  const lines = await statementLinesOf(parts.database, { customerId, id, currency: total.currency });
  return { invoice, statement, lines };
}

async function requireLink(parts: StepParts, closing: PeriodClosing): Promise<PeriodLink> {
  const link = await parts.links.ofSubscription(parts.database, closing);
  invariant(link, `the subscription of ${closing.id} is linked`);
  return link;
}

async function meterKeys({ database }: StepParts): Promise<Map<string, string>> {
  const rows = await database.query<{ id: string; key: string }>("SELECT id, key FROM meter ORDER BY key LIMIT 10000");
  return new Map(rows.map((row) => [row.id, row.key]));
}

/** Stripe's amounts are JSON numbers. */
function jsonNumber(minorUnits: bigint): number {
  const sent = Number(minorUnits);
  invariant(Number.isSafeInteger(sent), `${minorUnits} minor units can be sent`);
  return sent;
}

function describe(line: StatementLine): string {
  const day = (at: EpochMs) => new Date(at).toISOString().slice(0, 10);
  const units = line.quantity === null ? "" : `, ${formatDecimal(line.quantity)}`;
  const late = line.kind === "LATE_USAGE" || line.kind === "LATE_BOUND" ? " (late usage)" : "";
  return `${line.label}${units}${late}, ${day(line.window.startAt)} to ${day(line.window.endAt - 1)}`.slice(0, 500);
}

/** Without an amount the whole statement is at stake. */
function ticket(kind: string, part: string, message: string, amount: Money | null = null): StepOutcome {
  const found = { kind, part, meterKey: null, expectedUnits: null, actualUnits: null, amount, message };
  return { to: "TICKET", found: [found], note: message, lookAgainMs: ticketLookAgainMs };
}

type Keys = ReadonlyMap<string, string>;

async function reportFinding(
  { database }: StepParts,
  closing: PeriodClosing,
  { total, keys }: { total: ToldMeter; keys: Keys },
): Promise<TicketFinding> {
  const meterKey = keys.get(total.meterId) ?? null;
  const isRefused = !total.untold.eq(ZERO);
  const [expected, actual] = [total.planned.plus(total.untold), total.told];
  return {
    kind: isRefused ? "REPORT_REFUSED" : "REPORT_DEAD",
    part: `usage:${meterKey ?? total.meterId}`,
    meterKey,
    expectedUnits: expected,
    actualUnits: actual,
    amount: await unitsAtStake(database, closing, { meterKey, expected, actual }),
    message: isRefused
      ? `${formatDecimal(total.untold)} units cannot be told to Stripe: ${total.refusal ?? "refused"}.`
      : `${total.dead} reports are dead letters; replay them, or the invoice lacks their units.`,
  };
}

async function summaryFinding(
  { database }: StepParts,
  closing: PeriodClosing,
  { total, counted, keys }: { total: ToldMeter; counted: string; keys: Keys },
): Promise<TicketFinding> {
  const meterKey = keys.get(total.meterId) ?? null;
  const [expected, actual] = [total.told, decimal(counted)];
  return {
    kind: "STRIPE_SUMMARY",
    part: `usage:${meterKey ?? total.meterId}`,
    meterKey,
    expectedUnits: expected,
    actualUnits: actual,
    amount: await unitsAtStake(database, closing, { meterKey, expected, actual }),
    message: `Stripe accepted ${formatDecimal(total.told)} units and counts ${counted}.`,
  };
}
