import { ACCOUNT_ROUTES } from "./catalog/account.ts";
import { CREDIT_BALANCE_ROUTES } from "./billing/credit-balance.ts";
import { CREDIT_GRANT_ROUTES } from "./billing/credit-grants.ts";
import { CREDIT_NOTE_ROUTES } from "./billing/credit-notes.ts";
import { DELETE_CUSTOMER_ROUTES } from "./billing/delete-customer.ts";
import { INVOICE_ITEM_ROUTES } from "./billing/invoice-item-routes.ts";
import { INVOICE_ROUTES } from "./billing/invoice-routes.ts";
import { PAYMENT_METHOD_ROUTES } from "./billing/payment-methods.ts";
import { PREVIEW_ROUTES } from "./billing/preview.ts";
import { SUBSCRIPTION_ITEM_ROUTES } from "./billing/subscription-items.ts";
import { SUBSCRIPTION_ROUTES } from "./billing/subscriptions.ts";
import { TEST_CLOCK_ROUTES } from "./billing/test-clocks.ts";
import { USAGE_RECORD_ROUTES } from "./billing/usage-records.ts";
import { CUSTOMER_ROUTES } from "./catalog/customers.ts";
import { METER_ROUTES } from "./catalog/meters.ts";
import { PRICE_ROUTES } from "./catalog/prices.ts";
import { PRODUCT_ROUTES } from "./catalog/products.ts";
import { CHECKOUT_ROUTES } from "./hosted/checkout.ts";
import { PORTAL_ROUTES } from "./hosted/portal.ts";
import type { Route } from "./http/route.ts";
import { ADJUSTMENT_ROUTES } from "./usage/adjustments.ts";
import { METER_EVENT_ROUTES } from "./usage/meter-events.ts";
import { STREAM_ROUTES } from "./usage/stream.ts";
import { SUMMARY_ROUTES } from "./usage/summaries.ts";
import { DESTINATION_ROUTES } from "./webhooks/destinations.ts";
import { ENDPOINT_ROUTES } from "./webhooks/endpoints.ts";
import { EVENT_ROUTES } from "./webhooks/events.ts";

/** Everything that is answered; the first that matches does. */
export const ROUTES: readonly Route[] = [
  ...ACCOUNT_ROUTES,
  ...CUSTOMER_ROUTES,
  ...DELETE_CUSTOMER_ROUTES,
  ...PRODUCT_ROUTES,
  ...PRICE_ROUTES,
  ...METER_ROUTES,
  ...METER_EVENT_ROUTES,
  ...STREAM_ROUTES,
  ...ADJUSTMENT_ROUTES,
  ...SUMMARY_ROUTES,
  ...ENDPOINT_ROUTES,
  ...DESTINATION_ROUTES,
  ...EVENT_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...SUBSCRIPTION_ITEM_ROUTES,
  ...PREVIEW_ROUTES,
  ...PAYMENT_METHOD_ROUTES,
  ...INVOICE_ROUTES,
  ...INVOICE_ITEM_ROUTES,
  ...CREDIT_NOTE_ROUTES,
  ...CREDIT_GRANT_ROUTES,
  ...CREDIT_BALANCE_ROUTES,
  ...USAGE_RECORD_ROUTES,
  ...TEST_CLOCK_ROUTES,
  ...PORTAL_ROUTES,
  ...CHECKOUT_ROUTES,
];
