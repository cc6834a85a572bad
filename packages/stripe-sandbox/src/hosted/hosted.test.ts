import { expect, test } from "vitest";
import { hybrid } from "../testing/hybrid.ts";
import { refusal, testSandbox } from "../testing/start.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };

test("portal: the customer cancels at the end of the period and takes it back", async () => {
  const { stripe, customer, subscription } = await hybrid();
  const back = "http://127.0.0.1/back";
  const { url } = await stripe.billingPortal.sessions.create({ customer, return_url: back });
  expect(await (await fetch(url)).text()).toContain(subscription.id);
  const press = (cancel: boolean) =>
    fetch(url, { method: "POST", headers: form, body: `subscription=${subscription.id}&cancel=${cancel}` });
  await press(true);
  expect((await stripe.subscriptions.retrieve(subscription.id)).cancel_at_period_end).toBe(true);
  await press(false);
  expect((await stripe.subscriptions.retrieve(subscription.id)).cancel_at_period_end).toBe(false);
});

test("portal: another customer's subscription and another site's form are refused", async () => {
  const { stripe, subscription } = await hybrid();
  const other = await stripe.customers.create();
  const { url } = await stripe.billingPortal.sessions.create({ customer: other.id });
  const body = `subscription=${subscription.id}&cancel=true`;
  expect((await fetch(url, { method: "POST", headers: form, body })).status).toBe(404);
  const headers = { ...form, origin: "http://elsewhere.example" };
  expect((await fetch(url, { method: "POST", headers, body })).status).toBe(403);
  expect((await stripe.subscriptions.retrieve(subscription.id)).cancel_at_period_end).toBe(false);
});

test("Checkout: the button starts the subscription once, and the session tells of it", async () => {
  const { stripe } = await testSandbox();
  const { id: customer } = await stripe.customers.create();
  const { id: product } = await stripe.products.create({ name: "API (demo)" });
  const price = await stripe.prices.create({
    currency: "usd",
    product,
    unit_amount: 2000,
    recurring: { interval: "month" },
  });
  const session = await stripe.checkout.sessions.create({
    mode: "subscription",
    customer,
    line_items: [{ price: price.id, quantity: 2 }],
    success_url: "http://127.0.0.1/done?session={CHECKOUT_SESSION_ID}",
    subscription_data: { metadata: { plan: "starter" } },
  });
  const url = session.url ?? "";
  const paid = await fetch(url, { method: "POST", headers: form, redirect: "manual" });
  expect(paid.headers.get("location")).toBe(`http://127.0.0.1/done?session=${session.id}`);
  expect((await fetch(url, { method: "POST", headers: form, redirect: "manual" })).status).toBe(400);
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
  expect([done.status, done.payment_status]).toEqual(["complete", "paid"]);
  const [subscription, ...others] = (await stripe.subscriptions.list({ customer })).data;
  expect([others, subscription?.metadata["plan"]]).toEqual([[], "starter"]);
  expect((await stripe.invoices.list({ customer })).data[0]?.total).toBe(4000);
  const types = (await stripe.events.list({ limit: 100 })).data.map((event) => event.type);
  expect(types.filter((type) => type === "checkout.session.completed")).toHaveLength(1);
  expect((await refusal(stripe.checkout.sessions.expire(session.id))).statusCode).toBe(400);
});
