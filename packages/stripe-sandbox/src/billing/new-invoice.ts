import type Stripe from "stripe";
import type { InvoiceRecord } from "../core/records.ts";
import type { EpochMs } from "../core/time.ts";
import { seconds, type Wire } from "../wire/wire.ts";

/** What an invoice is opened with. Instants are milliseconds. */
export type InvoiceContent = {
  customer: string;
  subscription: string | null;
  reason: "subscription_create" | "subscription_cycle" | "subscription_update" | "manual";
  currency: string;
  at: EpochMs;
  periodFromS: number;
  periodToS: number;
  autoAdvance: boolean;
  collection: string;
  daysUntilDue: number | null;
  pullsPending: boolean;
  metadata?: Record<string, string>;
  description?: string | null;
};

/** A draft without lines. It finalizes by itself an hour after it was made, unless it is told not to. */
export function newInvoiceWire(
  id: string,
  customer: Wire<Stripe.Customer>,
  content: InvoiceContent,
  draftMs: number,
): InvoiceRecord["wire"] {
  const created = seconds(content.at);
  const { subscription } = content;
  return {
    id,
    object: "invoice",
    account_country: "US",
    account_name: "Sandbox",
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: content.autoAdvance,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: content.autoAdvance ? seconds(content.at + draftMs) : null,
    billing_reason: content.reason,
    collection_method: content.collection,
    created,
    currency: content.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: "none",
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: content.description ?? null,
    discounts: [],
    due_date: content.daysUntilDue === null ? null : created + content.daysUntilDue * 86_400,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    livemode: false,
    metadata: content.metadata ?? {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent:
      subscription === null
        ? null
        : { type: "subscription_details", quote_details: null, subscription_details: { metadata: {}, subscription } },
    payment_settings: {
      default_mandate: null,
      payment_method_options: {
        acss_debit: null,
        bancontact: null,
        card: null,
        customer_balance: null,
        konbini: null,
        payto: null,
        pix: null,
        sepa_debit: null,
        upi: null,
        us_bank_account: null,
      },
      payment_method_types: null,
    },
    period_end: content.periodToS,
    period_start: content.periodFromS,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: customer.balance,
    statement_descriptor: null,
    status: "draft",
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: customer.test_clock ?? null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}
