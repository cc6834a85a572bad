import { expect, test } from "../support/test.ts";

test("keyboard only: sign in, skip to the figures, open a line, read the table", async ({ page, instance }) => {
  const [person] = instance.demo.portal;
  await page.goto("/portal/");
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.type(person?.email ?? "");
  await page.keyboard.press("Tab");
  await page.keyboard.type(person?.password ?? "");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("bill-total")).toBeVisible();

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Previous period" })).toBeFocused();
  await page.keyboard.press("Tab");
  const line = page
    .getByRole("region", { name: /^The bill/ })
    .getByRole("button")
    .first();
  await expect(line).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(line).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("Space");
  await expect(line).toHaveAttribute("aria-expanded", "false");

  await page.getByRole("radio", { name: "Chart" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("table", { name: /by day$/ })).toBeVisible();
});

test("a link to another page moves the keyboard to that page", async ({ portal }) => {
  await portal.goto("/portal/");
  await portal.getByRole("link", { name: "Events", exact: true }).focus();
  await portal.keyboard.press("Enter");
  await expect(portal.getByRole("heading", { name: "Usage events" })).toBeVisible();
  await expect(portal.locator("#main")).toBeFocused();
});
