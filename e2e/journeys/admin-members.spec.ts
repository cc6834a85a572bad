import { expect, expectAccessible, expectNoSidewaysScroll, test } from "../support/test.ts";

/** A phone, as the screens are looked at. */
const PHONE = { width: 390, height: 844 };

test("staff add a member, make another password when the first is lost, and the member signs in with it", async ({
  admin,
  page,
}) => {
  await admin.goto("/admin/customers");
  const link = admin.getByRole("rowheader").first().getByRole("link");
  const customer = (await link.textContent()) ?? "";
  await link.click();
  await admin.getByRole("link", { name: "Members", exact: true }).click();
  const email = `journey-${Date.now()}@example.test`;
  await admin.getByLabel("Name").fill("Journey Member");
  await admin.getByLabel("E-mail").fill(email.toUpperCase());
  await admin.getByLabel("Role").selectOption("Viewer");
  await admin.getByRole("button", { name: "Add member" }).click();

  const notice = admin.getByRole("status").filter({ hasText: "shown this once" });
  await expect(notice).toBeFocused();
  await expect(notice).toContainText(email);
  const password = (await notice.locator(".ml-mono").textContent()) ?? "";
  await expect(admin.getByRole("row", { name: new RegExp(email) })).toContainText("Viewer");
  await test.info().attach("admin-members", { body: await admin.screenshot(), contentType: "image/png" });
  await expectAccessible(admin);
  await admin.setViewportSize(PHONE);
  await expectNoSidewaysScroll(admin);
  await test
    .info()
    .attach("admin-members-phone", { body: await admin.screenshot({ fullPage: true }), contentType: "image/png" });
  await admin.getByRole("button", { name: "I have copied it" }).click();
  await expect(admin.getByText(password)).toHaveCount(0);

  // It is lost on the way: another one takes its place.
  await admin.setViewportSize({ width: 1280, height: 800 });
  const row = admin.getByRole("row", { name: new RegExp(email) });
  await row.getByRole("button", { name: /^New temporary password/ }).click();
  await row.getByRole("button", { name: "Sign out everywhere and make one" }).click();
  const again = admin.getByRole("status").filter({ hasText: "shown this once" });
  await expect(again).toBeFocused();
  const newPassword = (await again.locator(".ml-mono").textContent()) ?? "";
  expect(newPassword).not.toBe(password);
  await expectAccessible(admin);

  // The one sign-in of this journey: the form refuses whoever tries too often.
  await page.goto("/portal/");
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(newPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByTestId("bill-total")).toHaveText(/\d/);
  await expect(page.locator(".ml-bar-context")).toHaveText(customer);
  // A viewer is offered nothing that is refused.
  await page.goto("/portal/alerts/webhooks");
  await expect(page.getByText("Only an owner may change webhooks")).toBeVisible();
  await expect(page.getByRole("button", { name: "Add webhook" })).toHaveCount(0);
});
