import type Stripe from "stripe";
import type { Wire } from "../wire/wire.ts";

/** Checkout Sessions end after a day: https://docs.stripe.com/api/checkout/sessions/object */
const OPEN_S = 86_400;

/** What a session is made with. */
export type CheckoutContent = {
  id: string;
  url: string;
  createdS: number;
  customer: string;
  mode: "subscription" | "setup";
  successUrl: string;
  cancelUrl: string | null;
  reference: string | null;
  currency: string | null;
  metadata: Record<string, string>;
};

/** An open session. Amounts stay unknown until the subscription's first invoice has them. */
export function newCheckoutWire(of: CheckoutContent): Wire<Stripe.Checkout.Session> {
  return {
    id: of.id,
    object: "checkout.session",
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: of.cancelUrl,
    client_reference_id: of.reference,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: of.createdS,
    currency: of.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: of.customer,
    customer_account: null,
    customer_creation: null,
    customer_details: null,
    customer_email: null,
    discounts: [],
    expires_at: of.createdS + OPEN_S,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: of.metadata,
    mode: of.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: "always",
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    payment_status: of.mode === "setup" ? "no_payment_required" : "unpaid",
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: null,
    subscription: null,
    success_url: of.successUrl,
    total_details: null,
    ui_mode: "hosted_page",
    url: of.url,
    wallet_options: null,
  };
}
