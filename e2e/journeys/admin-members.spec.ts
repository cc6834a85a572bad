import { expect, expectAccessible, expectNoSidewaysScroll, test } from "../support/test.ts";

/** A phone, as the screens are looked at. */
const PHONE = { width: 390, height: 844 };

test("staff add a member, who signs in to the portal with the password shown once and sees the bill", async ({
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

  // The one sign-in of this journey: the form refuses whoever tries too often.
  await page.goto("/portal/");
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByTestId("bill-total")).toHaveText(/\d/);
  await expect(page.locator(".ml-bar-context")).toHaveText(customer);
});
