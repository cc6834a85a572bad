import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import { newId, type World } from "../core/world.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { noSuch } from "../wire/errors.ts";
import { readParams, text } from "../wire/params.ts";
import { seconds, type Wire } from "../wire/wire.ts";

type Method = Wire<Stripe.PaymentMethod>;

/** Test cards by their names: https://docs.stripe.com/testing */
const CARDS: Readonly<Record<string, { last4: string; declines: boolean }>> = {
  pm_card_visa: { last4: "4242", declines: false },
  // "Attaching this card to a Customer object succeeds, but attempts to charge the customer fail."
  pm_card_chargeCustomerFail: { last4: "0341", declines: true },
};

/** Puts a test card on file; each time it is a payment method of its own. */
function attach(world: World, call: Call): Method {
  const name = pathPart(call, "id");
  const card = CARDS[name];
  if (!card) throw noSuch("PaymentMethod", name);
  const customer = requireCustomer(world, readParams({ customer: text() }, call.params).customer);
  const id = newId(world, "pm");
  // The fields that anybody here reads; a card has some thirty more.
  const wire = {
    id,
    object: "payment_method",
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: { brand: "visa", last4: card.last4, exp_month: 12, exp_year: 2034, funding: "credit", country: "US" },
    created: seconds(world.clock.now()),
    customer: customer.id,
    livemode: false,
    metadata: {},
    type: "card",
  } as unknown as Method;
  world.state.paymentMethods.put({ id, customer: customer.id, declines: card.declines, wire });
  return wire;
}

/** `/v1/payment_methods`, as far as test cards go */
export const PAYMENT_METHOD_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/payment_methods/:id/attach", handle: attach },
];
