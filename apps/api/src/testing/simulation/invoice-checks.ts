import type { Stripe } from "../../platform/stripe/index.ts";
import { fail } from "./simulation-failure.ts";
import type { SimulatedCustomer, World } from "./world.ts";

/**
 * Every invoice that Stripe finalized is a statement of ours to the cent, in all and meter by meter; where it is not, a
 * ticket names exactly the difference. And every closed period has its invoice, or a ticket says that it has none.
 */
export async function checkInvoices(world: World): Promise<void> {
  const meters = await metersOfPrices(world);
  for (const customer of world.customers) {
    const statements = await statementsOf(world, customer);
    const invoices = await world.stripe.staff.stripe.invoices
      .list({ customer: customer.stripeId, limit: 100 })
      .autoPagingToArray({ limit: 1_000 });
    const tickets = await ticketsOf(world, customer);
    for (const invoice of invoices) checkInvoice({ customer, invoice, statements, tickets, meters });
    for (const statement of statements) checkStatement(customer, statement, invoices, tickets);
  }
}

/** What is derived is right, so nobody may have been told that it is not. */
export async function checkFalseAlarms({ database }: World): Promise<void> {
  const { rows } = await database.admin.query<{ kind: string; message: string }>(
    "SELECT kind, message FROM discrepancy WHERE kind IN ('ROLLUP', 'PERIOD_TOTAL') ORDER BY found_at LIMIT 5",
  );
  if (rows.length > 0) fail("FALSE_ALARM", rows.map((row) => `${row.kind}: ${row.message}`).join("; "));
}

/** A statement of ours, as far as an invoice is held against it. */
export type HeldStatement = {
  id: string;
  kind: string;
  state: string;
  periodStart: Date;
  invoiceId: string | null;
  total: bigint;
  /** Cents by meter of what Stripe prices. */
  usage: Map<string, bigint>;
};
/** A discrepancy that waits for staff; `amount` is what the invoice is more than the statement, in cents. */
export type HeldTicket = { kind: string; subject: string; amount: bigint | null; stripeId: string | null };

/** An invoice and everything that may explain it. */
export type HeldInvoice = {
  customer: Pick<SimulatedCustomer, "index">;
  invoice: Pick<Stripe.Invoice, "id" | "billing_reason" | "status" | "subtotal" | "lines">;
  statements: readonly HeldStatement[];
  tickets: readonly HeldTicket[];
  meters: ReadonlyMap<string, string>;
};

/** @throws SimulationFailure when the invoice is not its statement, and no ticket names exactly the difference */
export function checkInvoice({ customer, invoice, statements, tickets, meters }: HeldInvoice): void {
  const where = `invoice ${invoice.id} (${invoice.billing_reason}, ${invoice.status}) of customer ${customer.index}`;
  const statement = statements.find((one) => one.invoiceId === invoice.id);
  const amount = BigInt(invoice.subtotal);
  if (invoice.status === "draft") {
    // A draft is not charged; that it is one still, a person has to know.
    if (tickets.some((ticket) => ticket.stripeId === invoice.id)) return;
    fail("INVOICE_DRAFT", `${where} is a draft, and no ticket says so`);
  }
  const expected = statement?.total ?? 0n;
  const difference = amount - expected;
  if (statement?.state === "FINAL") {
    if (difference !== 0n) fail("INVOICE_TOTAL", `${where} is ${amount}, its final statement ${expected} cents`);
    for (const [meter, [ours, theirs]] of amountsByMeter(statement, invoice, meters)) {
      if (ours !== theirs)
        fail("INVOICE_LINE", `${where}: ${meter} is ${theirs}, on the final statement ${ours} cents`);
    }
    return;
  }
  const named = tickets.filter((ticket) => ticket.stripeId === invoice.id).map((ticket) => ticket.amount);
  if (named.includes(difference) && (difference !== 0n || named.length > 0)) return;
  if (statement === undefined && amount === 0n) return;
  fail(
    "INVOICE_UNEXPLAINED",
    `${where} is ${amount} cents, its statement (${statement?.state ?? "none"}) ${expected}; tickets name ${named.join(", ") || "nothing"}`,
  );
}

function checkStatement(
  customer: SimulatedCustomer,
  statement: HeldStatement,
  invoices: readonly Stripe.Invoice[],
  tickets: readonly HeldTicket[],
): void {
  const start = statement.periodStart.toISOString();
  const where = `statement ${statement.kind} of customer ${customer.index} from ${start} (${statement.state}, ${statement.total} cents)`;
  if (statement.state === "FINAL" && statement.invoiceId === null) fail("STATEMENT_WITHOUT_INVOICE", where);
  if (statement.invoiceId !== null && !invoices.some((one) => one.id === statement.invoiceId))
    fail("STATEMENT_OF_NO_INVOICE", where);
  if (statement.state === "FINAL") return;
  const what = statement.kind === "START" ? "start" : "period-end";
  if (!tickets.some((ticket) => ticket.subject.startsWith(`${what}:${start}:`)))
    fail("STATEMENT_UNFINISHED", `${where}, and no ticket says why`);
}

/** Ours and theirs of every metered line, by meter. */
function amountsByMeter(
  statement: HeldStatement,
  invoice: HeldInvoice["invoice"],
  meters: ReadonlyMap<string, string>,
): Map<string, [bigint, bigint]> {
  const amounts = new Map<string, [bigint, bigint]>();
  for (const [meter, amount] of statement.usage) amounts.set(meter, [amount, 0n]);
  for (const line of invoice.lines.data) {
    const price = line.pricing?.price_details?.price ?? null;
    const meter = price === null ? undefined : meters.get(typeof price === "string" ? price : price.id);
    if (meter === undefined) continue;
    const [ours, theirs] = amounts.get(meter) ?? [0n, 0n];
    amounts.set(meter, [ours, theirs + BigInt(line.amount)]);
  }
  return amounts;
}

async function metersOfPrices({ database }: World): Promise<Map<string, string>> {
  const { rows } = await database.admin.query<{ price: string; key: string }>(
    "SELECT p.stripe_price_id AS price, m.key FROM stripe_price p JOIN meter m ON m.id = p.meter_id",
  );
  return new Map(rows.map((row) => [row.price, row.key]));
}

async function statementsOf({ database }: World, customer: SimulatedCustomer): Promise<HeldStatement[]> {
  const { rows } = await database.admin.query<{
    id: string;
    kind: string;
    state: string;
    period_start: Date;
    stripe_invoice_id: string | null;
    total_minor: string;
    usage: Record<string, string> | null;
  }>(
    `SELECT s.id, s.kind, s.state, s.period_start, s.stripe_invoice_id, s.total_minor, (
       SELECT json_object_agg(l.meter_key, l.amount) FROM (
         SELECT meter_key, sum(amount_minor)::text AS amount FROM statement_line
         WHERE customer_id = s.customer_id AND statement_id = s.id AND kind IN ('USAGE', 'UNCHARGED') AND rated_by = 'STRIPE'
         GROUP BY meter_key) l) AS usage
     FROM statement s WHERE s.customer_id = $1 ORDER BY s.period_start, s.kind`,
    [customer.id],
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    state: row.state,
    periodStart: row.period_start,
    invoiceId: row.stripe_invoice_id,
    total: BigInt(row.total_minor),
    usage: new Map(Object.entries(row.usage ?? {}).map(([meter, amount]) => [meter, BigInt(amount)])),
  }));
}

async function ticketsOf({ database }: World, customer: SimulatedCustomer): Promise<HeldTicket[]> {
  const { rows } = await database.admin.query<{
    kind: string;
    subject: string;
    amount_minor: string | null;
    stripe_id: string | null;
  }>("SELECT kind, subject, amount_minor, stripe_id FROM discrepancy WHERE customer_id = $1 AND state = 'TICKET'", [
    customer.id,
  ]);
  return rows.map((row) => ({
    kind: row.kind,
    subject: row.subject,
    amount: row.amount_minor === null ? null : BigInt(row.amount_minor),
    stripeId: row.stripe_id,
  }));
}
