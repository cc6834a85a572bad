import type Stripe from "stripe";
import { expect, test } from "vitest";
import { type Hybrid, hybrid } from "../testing/hybrid.ts";
import { refusal, START_S } from "../testing/start.ts";

const HOUR_S = 3_600;
/** 2026-12-02T00:00:00Z: a month after the start. */
const RENEWAL_S = Date.UTC(2026, 11, 2) / 1000;

function grant(
  { stripe, customer }: Hybrid,
  value: number,
  more: Partial<Stripe.Billing.CreditGrantCreateParams> = {},
): Promise<Stripe.Billing.CreditGrant> {
  return stripe.billing.creditGrants.create({
    customer,
    amount: { type: "monetary", monetary: { currency: "usd", value } },
    applicability_config: { scope: { price_type: "metered" } },
    ...more,
  });
}

async function balance({ stripe, customer }: Hybrid): Promise<(number | undefined)[]> {
  const filter = { type: "applicability_scope", applicability_scope: { price_type: "metered" } } as const;
  const [first] = (await stripe.billing.creditBalanceSummaries.retrieve({ customer, filter })).balances;
  return [first?.available_balance.monetary?.value, first?.ledger_balance.monetary?.value];
}

test("credits pay metered lines when the invoice is finalized, in order of precedence, and never the fee", async () => {
  const world = await hybrid();
  const paid = await grant(world, 5000);
  const promotional = await grant(world, 300, { category: "promotional" });
  await world.use("600", START_S);
  await world.advanceTo(RENEWAL_S);
  // 600 × 2 = 1,200 for the usage and 2,000 for the fee; a draft does not show credits yet.
  expect((await world.invoices())[0]?.total).toBe(3200);
  expect(await balance(world)).toEqual([5300, 5300]);
  await world.advanceTo(RENEWAL_S + HOUR_S);
  const [final] = await world.invoices();
  // The promotional 300 go first, then 900 of the paid ones.
  expect([final?.subtotal, final?.total, final?.amount_paid]).toEqual([3200, 2000, 2000]);
  expect(final?.total_pretax_credit_amounts?.map((credit) => credit.amount)).toEqual([300, 900]);
  expect(await balance(world)).toEqual([4100, 4100]);
  const entries = await world.stripe.billing.creditBalanceTransactions.list({ customer: world.customer });
  expect(entries.data.map((entry) => [entry.credit_grant, entry.type])).toEqual([
    [paid.id, "debit"],
    [promotional.id, "debit"],
    [promotional.id, "credit"],
    [paid.id, "credit"],
  ]);
});

test("a voided invoice gives its credits back", async () => {
  const world = await hybrid({ collection_method: "send_invoice", days_until_due: 10 });
  await grant(world, 500);
  await world.use("600", START_S);
  await world.advanceTo(RENEWAL_S + HOUR_S);
  const [open] = await world.invoices();
  expect([open?.status, open?.total, await balance(world)]).toEqual(["open", 2700, [0, 0]]);
  await world.stripe.invoices.voidInvoice(open?.id ?? "");
  expect(await balance(world)).toEqual([500, 500]);
});

test("a grant pays only while it is effective and for the prices it names", async () => {
  const world = await hybrid();
  await grant(world, 100, { effective_at: RENEWAL_S + 2 * HOUR_S });
  await grant(world, 200, { expires_at: RENEWAL_S + HOUR_S });
  await grant(world, 30, { applicability_config: { scope: { prices: [{ id: world.usage.id }] } } });
  expect(await balance(world)).toEqual([230, 330]);
  await world.use("600", START_S);
  await world.advanceTo(RENEWAL_S + HOUR_S);
  expect((await world.invoices())[0]?.total).toBe(3170);
  const base = { scope: { prices: [{ id: world.base.id }] } };
  expect((await refusal(grant(world, 1, { applicability_config: base }))).statusCode).toBe(400);
});

test("an unused grant can be voided, a used one only expires", async () => {
  const world = await hybrid();
  const { stripe } = world;
  const unused = await grant(world, 10, { priority: 90 });
  const used = await grant(world, 2000);
  await world.use("600", START_S);
  await world.advanceTo(RENEWAL_S + HOUR_S);
  expect((await stripe.billing.creditGrants.voidGrant(unused.id)).voided_at).toBe(RENEWAL_S + HOUR_S);
  expect((await refusal(stripe.billing.creditGrants.voidGrant(used.id))).statusCode).toBe(400);
  expect((await stripe.billing.creditGrants.expire(used.id)).expires_at).toBe(RENEWAL_S + HOUR_S);
  expect(await balance(world)).toEqual([0, 0]);
});
