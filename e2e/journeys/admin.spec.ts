import { expect, test } from "../support/test.ts";

test("staff sign in and land on the customers", async ({ page, instance }) => {
  const [person] = instance.demo.admin;
  await page.goto("/admin/");
  await expect(page.getByText("Staff", { exact: true })).toBeVisible();
  await page.getByLabel("E-mail").fill(person?.email ?? "");
  await page.getByRole("textbox", { name: "Password" }).fill(person?.password ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Customers" })).toBeVisible();
});

test("staff find a member's customer and see the very figures that the member sees", async ({ admin, portal }) => {
  // The period before stands still; in the current one a stored level grows with every second.
  await portal.goto("/portal/");
  await portal.getByRole("link", { name: "Previous period" }).click();
  await expect(portal.getByRole("link", { name: "Current period" })).toBeVisible();
  const customer = (await portal.locator(".ml-bar-context").textContent()) ?? "";

  await admin.goto("/admin/");
  await admin.getByRole("searchbox", { name: "Search customers" }).fill(customer);
  await expect(admin).toHaveURL(/search=/);
  await admin.getByRole("link", { name: customer, exact: true }).first().click();
  await expect(admin.getByRole("heading", { level: 1, name: customer })).toBeVisible();
  await admin.getByRole("link", { name: "Previous period" }).click();
  await expect(admin.getByRole("link", { name: "Current period" })).toBeVisible();

  const figures = ".ml-band .ml-tile-total, .ml-lines > li > h3, .ml-lines > li.ml-plain-line, .ml-meter";
  const seenByMember = await portal.locator(figures).allTextContents();
  expect(seenByMember.length).toBeGreaterThan(3);
  await expect(admin.locator(figures)).toHaveText(seenByMember);
});

test("a search that matches nobody says so", async ({ admin }) => {
  await admin.goto("/admin/customers");
  await admin.getByRole("searchbox", { name: "Search customers" }).fill("nobody is called this");
  await expect(admin.getByText(/^No customer matches/)).toBeVisible();
});

test("a customer's events and subscription open from its page", async ({ admin }) => {
  await admin.goto("/admin/customers");
  await admin.getByRole("rowheader").first().getByRole("link").click();
  const tabs = admin.getByRole("navigation").filter({ has: admin.getByRole("link", { name: "Subscription" }) });
  await tabs.getByRole("link", { name: "Events" }).click();
  await expect(admin.getByLabel("Filter events")).toBeVisible();
  await tabs.getByRole("link", { name: "Subscription" }).click();
  await expect(admin.getByText(/Period anchor|No subscription now/)).toBeVisible();
});

test("an API key's secret is shown once, works, and stops working when it is revoked", async ({
  admin,
  request,
  instance,
}) => {
  const name = `Journey ${Date.now()}`;
  await admin.goto("/admin/api-keys");
  await admin.getByLabel("Name").fill(name);
  await admin.getByLabel("Read usage, series, events and bills").check();
  await admin.getByRole("button", { name: "Create key" }).click();
  const notice = admin.getByRole("status").filter({ hasText: "shown this once" });
  const secret = (await notice.locator(".ml-mono").textContent()) ?? "";
  const asks = async () => {
    const response = await request.post(`${instance.url}/graphql`, {
      headers: { Authorization: `Bearer ${secret}` },
      data: { query: "{ viewer { kind } }" },
    });
    return (await response.json()).data?.viewer?.kind ?? null;
  };
  expect(await asks()).toBe("API_KEY");
  await admin.getByRole("button", { name: "I have copied it" }).click();
  await expect(admin.getByText(secret)).toHaveCount(0);

  const row = admin.getByRole("row", { name: new RegExp(name) });
  await row.getByRole("button", { name: `Revoke: ${name}` }).click();
  await row.getByRole("button", { name: "Revoke for good" }).click();
  await expect(row.getByText(/^Revoked/)).toBeVisible();
  expect(await asks()).toBeNull();
});

test("meters and plans are written out", async ({ admin }) => {
  await admin.goto("/admin/meters");
  await expect(admin.getByRole("row", { name: /api_requests/ })).toContainText("the sum of all events");
  await admin.goto("/admin/plans");
  await expect(admin.getByRole("region", { name: /^Rate cards of/ }).first()).toBeVisible();
});
