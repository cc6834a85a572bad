import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import type { CreditGrantRecord } from "../core/records.ts";
import { customerNow, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { noSuch } from "../wire/errors.ts";
import { object, oneOf, optional, readParams, text } from "../wire/params.ts";
import type { Wire, WireList } from "../wire/wire.ts";
import { SCOPE } from "./credit-grants.ts";
import { covers, isUsable, monetary } from "./credit-ledger.ts";

type Summary = Wire<Stripe.Billing.CreditBalanceSummary>;
type Transaction = Wire<Stripe.Billing.CreditBalanceTransaction>;

const SUMMARY = {
  customer: text(),
  filter: object({
    type: oneOf("applicability_scope", "credit_grant"),
    credit_grant: optional(text()),
    applicability_scope: optional(SCOPE),
  }),
};

/** One balance a currency. Available is what could pay now; the ledger also holds what is not effective yet. */
function summary(world: World, call: Call): Summary {
  const { customer, filter } = readParams(SUMMARY, call.params);
  requireCustomer(world, customer);
  const prices = filter.applicability_scope?.prices?.map((price) => price.id);
  const grants = world.state.creditGrants
    .by("customer", customer)
    .filter((grant) => filter.type === "applicability_scope" || grant.id === filter.credit_grant)
    .filter((grant) => prices === undefined || prices.every((price) => covers(grant, price)));
  const at = customerNow(world, customer);
  const currencies = [...new Set(grants.map((grant) => grant.wire.amount.monetary?.currency))];
  const balances = currencies.flatMap((currency) => {
    const own = grants.filter((grant) => grant.wire.amount.monetary?.currency === currency);
    const [first] = own;
    if (!first) return [];
    const usable = own.filter((grant) => isUsable(grant, at));
    return { available_balance: monetary(first, leftOf(usable)), ledger_balance: monetary(first, leftOf(own)) };
  });
  return { object: "billing.credit_balance_summary", balances, customer, customer_account: null, livemode: false };
}

function leftOf(grants: readonly CreditGrantRecord[]): number {
  return grants.reduce((sum, grant) => sum + grant.leftMinor, 0);
}

function listTransactions(world: World, call: Call): WireList<Transaction> {
  const fields = { ...LIST_PARAMS, customer: text(), credit_grant: optional(text()) };
  const params = readParams(fields, call.params);
  const rows = world.state.creditTransactions
    .by("customer", params.customer)
    .filter((row) => params.credit_grant === undefined || row.grant === params.credit_grant);
  return pageOf(rows.map((row) => row.wire).reverse(), params, call.url);
}

/** `/v1/billing/credit_balance_summary` and `/v1/billing/credit_balance_transactions` */
export const CREDIT_BALANCE_ROUTES: readonly Route[] = [
  { method: "GET", pattern: "/v1/billing/credit_balance_summary", handle: summary },
  { method: "GET", pattern: "/v1/billing/credit_balance_transactions", handle: listTransactions },
  {
    method: "GET",
    pattern: "/v1/billing/credit_balance_transactions/:id",
    handle: (world, call): Transaction => {
      const row = world.state.creditTransactions.get(pathPart(call, "id"));
      if (!row) throw noSuch("credit balance transaction", pathPart(call, "id"));
      return row.wire;
    },
  },
];
