import type { Stripe } from "../../platform/stripe/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import { type PeriodClosing, setInvoice } from "./period-closing.repository.ts";
import type { StepOutcome, StepParts } from "./period-end-steps.ts";
import { statementOfPeriod } from "./statement.repository.ts";

/** In the metadata of what was made at Stripe for a statement. */
const statementField = "meterline_statement";

/** As subscriptions are invoiced where Stripe has nothing to charge. */
const daysUntilDue = 30;
const invoicesToLookThrough = 100;

/**
 * Makes the draft of an invoice of its own for what a customer owes after its plan is over, once; the items follow, as at
 * the end of a period. Nothing else that waits for the customer's next invoice comes on it.
 */
export async function makeLateInvoice(parts: StepParts, closing: PeriodClosing): Promise<StepOutcome> {
  const { database, gateway, links } = parts;
  const { customerId, kind, window } = closing;
  const statement = await statementOfPeriod(database, { customerId, kind, startAt: window.startAt });
  const link = await links.ofSubscription(database, closing);
  invariant(statement !== null && link !== null, `${closing.id} has a statement and a customer at Stripe`);
  const customer = link.stripeCustomerId;
  const { data } = await gateway.stripe.invoices.list({ customer, limit: invoicesToLookThrough });
  const made =
    data.find((one) => one.metadata?.[statementField] === statement.id) ??
    (await gateway.stripe.invoices.create(
      {
        customer,
        currency: statement.total.currency.toLowerCase(),
        auto_advance: false,
        pending_invoice_items_behavior: "exclude",
        description: "Usage that became known after the plan had ended",
        metadata: { [statementField]: statement.id },
        ...(await collectionOf(parts, customer)),
      },
      { idempotencyKey: `ml_late_${statement.id}` },
    ));
  invariant(made.id, "an invoice that was made has an id");
  await setInvoice(database, closing.id, made.id);
  return { to: "STEP", step: "ITEMS" };
}

/** Charges what is on file, and sends an invoice where nothing is. */
async function collectionOf(
  { gateway }: StepParts,
  stripeCustomerId: string,
): Promise<Pick<Stripe.InvoiceCreateParams, "collection_method" | "days_until_due">> {
  const customer = await gateway.stripe.customers.retrieve(stripeCustomerId);
  const isCharged =
    customer.deleted !== true && (customer.invoice_settings.default_payment_method ?? customer.default_source) !== null;
  if (isCharged) return { collection_method: "charge_automatically" };
  return { collection_method: "send_invoice", days_until_due: daysUntilDue };
}
