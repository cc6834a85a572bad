import { expect, test } from "../support/test.ts";

test("a member opens the last statement, sees how a line was priced, and finds the same total in the past bill", async ({
  portal,
}) => {
  await portal.goto("/portal/");
  await portal.getByRole("link", { name: "Statements" }).click();
  // The start of a subscription at Stripe has a statement too, of the base fee alone.
  const ends = portal.getByRole("table", { name: "Statements" }).getByRole("row");
  const newest = ends.filter({ hasNotText: "Start of the subscription" }).nth(1);
  const listed = (await newest.getByRole("cell").last().textContent()) ?? "";
  await newest.getByRole("link").click();
  await expect(portal.getByRole("heading", { name: /^Statement for / })).toBeVisible();
  await expect(portal.getByTestId("statement-total")).toHaveText(listed);

  const charged = portal.getByRole("region", { name: "What is charged" });
  const line = charged.getByRole("button", { expanded: false }).first();
  await line.click();
  await expect(charged.getByText(/^Exactly /).first()).toBeVisible();
  await expect(charged.getByRole("table").first()).toBeVisible();

  // What was charged without Stripe is what the period's own bill comes to, late usage included.
  await portal.goto("/portal/");
  await portal.getByRole("link", { name: "Previous period" }).click();
  const shown = portal.getByRole("navigation", { name: "Billing period" });
  await expect(shown.getByText("Closed", { exact: true })).toBeVisible();
  await expect(portal.getByTestId("bill-total")).toHaveText(listed);
});
