import { randomUUID } from "node:crypto";
import { sandboxUrl } from "../support/instance.ts";
import { expect, test } from "../support/test.ts";

const faults = `${sandboxUrl()}/_sandbox/faults`;
const dayMs = 86_400_000;

test("staff have a customer billed through Stripe, see it told, and tell a dead letter again", async ({
  admin,
  graphql,
  request,
}) => {
  const externalId = `e2e-${randomUUID()}`;
  const startsAt = new Date(Math.floor(Date.now() / dayMs) * dayMs - dayMs).toISOString();
  const { createCustomer } = (await graphql(
    `mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { id } }`,
    { input: { externalId, name: "Stripe (test)", goLiveAt: startsAt } },
  )) as { createCustomer: { id: string } };
  await graphql(`mutation ($input: CreateSubscriptionInput!) { createSubscription(input: $input) { id } }`, {
    input: { externalCustomerId: externalId, planKey: "starter", startsAt },
  });
  const record = (quantity: string) =>
    graphql(`mutation ($input: RecordUsageInput!) { recordUsage(input: $input) { outcome } }`, {
      input: { externalCustomerId: externalId, meterKey: "api_requests", quantity, idempotencyKey: randomUUID() },
    });

  await admin.goto(`/admin/customers/${createCustomer.id}/stripe`);
  await admin.getByRole("button", { name: "Bill through Stripe" }).click();
  await admin.getByRole("button", { name: "Make it at Stripe, and bill from now on" }).click();
  await expect(admin.getByText(/^sub_/)).toBeVisible({ timeout: 30_000 });

  await record("1500");
  const told = admin.getByRole("row", { name: /^api_requests/ });
  await expect(told.getByText("Told in full")).toBeVisible({ timeout: 30_000 });
  await expect(told).toContainText("1,500");

  await request.post(faults, { data: { effect: { kind: "fail", status: 400 }, path: "/v1/billing/meter_events" } });
  try {
    await record("250");
    await expect(told.getByText("1 dead letter")).toBeVisible({ timeout: 30_000 });
  } finally {
    await request.delete(faults);
  }
  await admin.goto("/admin/stripe/reports?state=DEAD");
  const letter = admin.getByRole("listitem").filter({ hasText: "250 of api_requests" });
  await letter.getByRole("button", { name: /^Replay: report/ }).click();
  await letter.getByRole("button", { name: "Tell Stripe again" }).click();
  await expect(letter).toHaveCount(0);

  await admin.goto(`/admin/customers/${createCustomer.id}/stripe`);
  await expect(told.getByText("Told in full")).toBeVisible({ timeout: 30_000 });
  await expect(told).toContainText("1,750");
  await admin.goto("/admin/stripe/webhooks");
  await expect(admin.getByRole("heading", { level: 3, name: "customer.subscription.created" }).first()).toBeVisible();
});
