import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectNoSidewaysScroll, test } from "../support/test.ts";

/** Looked at in light, dark and at a phone's width: accessible, not wider than the window, and kept as a picture. */
async function look(page: Page, name: string): Promise<void> {
  // Skeletons are gone and the chart is drawn before anything is judged.
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  const picture = test.info().outputPath(`${name}.png`);
  await page.screenshot({ path: picture, fullPage: true });
  await test.info().attach(name, { path: picture, contentType: "image/png" });
}

test("portal: sign-in", async ({ page }) => {
  await page.goto("/portal/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await look(page, "portal-sign-in");
});

test("portal: usage and bill, closed, open and as a table", async ({ portal }) => {
  await portal.goto("/portal/");
  await expect(portal.locator(".recharts-surface")).toBeVisible();
  await look(portal, "portal-bill");
  const lines = portal.getByRole("region", { name: /^The bill/ }).getByRole("button", { expanded: false });
  for (let left = await lines.count(); left > 0; left -= 1) await lines.first().click();
  await portal.getByText("Table", { exact: true }).click();
  await look(portal, "portal-bill-open");
});

test("portal: usage in groups", async ({ portal }) => {
  await portal.goto("/portal/?meter=api_requests&by=model");
  await expect(portal.locator(".ml-legend")).toBeVisible();
  await look(portal, "portal-groups");
});

test("portal: the period before", async ({ portal }) => {
  await portal.goto("/portal/");
  await portal.getByRole("link", { name: "Previous period" }).click();
  await expect(portal.getByRole("link", { name: "Current period" })).toBeVisible();
  await look(portal, "portal-past");
});

test("portal: events, with one open", async ({ portal }) => {
  await portal.goto("/portal/events");
  await portal.getByRole("button", { name: "Show details of event 1", exact: true }).click();
  await look(portal, "portal-events");
});

test("portal: statements, and one with every line open", async ({ portal }) => {
  await portal.goto("/portal/statements");
  const first = portal.getByRole("table", { name: "Statements" }).getByRole("link").first();
  await expect(first).toBeVisible();
  await look(portal, "portal-statements");
  await first.click();
  await expect(portal.getByTestId("statement-total")).toBeVisible();
  const lines = portal.getByRole("region", { name: "What is charged" }).getByRole("button", { expanded: false });
  for (let left = await lines.count(); left > 0; left -= 1) await lines.first().click();
  await look(portal, "portal-statement-open");
  await portal.emulateMedia({ media: "print" });
  await look(portal, "portal-statement-print");
});

test("portal: limits", async ({ portal }) => {
  await portal.goto("/portal/limits");
  await expect(portal.getByRole("heading", { level: 1, name: "Limits" })).toBeVisible();
  await look(portal, "portal-limits");
});

test("portal: alerts", async ({ portal }) => {
  await portal.goto("/portal/alerts");
  await expect(portal.getByRole("heading", { level: 2, name: "History" })).toBeVisible();
  await look(portal, "portal-alerts");
});

test("portal: alert rules and webhooks", async ({ portal }) => {
  await portal.goto("/portal/alerts/rules");
  await expect(portal.getByRole("heading", { name: "New rule" })).toBeVisible();
  await look(portal, "portal-alert-rules");
  await portal.goto("/portal/alerts/webhooks");
  await expect(portal.getByRole("heading", { name: "New webhook" })).toBeVisible();
  await look(portal, "portal-webhooks");
});

test("portal: a failure", async ({ portal }) => {
  await portal.routeWebSocket("**/graphql", (route) => route.close());
  await portal.route("**/graphql", (route) =>
    /DashboardPageQuery/.test(route.request().postData() ?? "") ? route.abort() : route.continue(),
  );
  await portal.goto("/portal/");
  await expect(portal.getByRole("button", { name: "Try again" })).toBeVisible();
  await look(portal, "portal-failure");
});

test("admin: sign-in", async ({ page }) => {
  await page.goto("/admin/");
  await expect(page.getByRole("heading", { name: "Staff sign-in" })).toBeVisible();
  await look(page, "admin-sign-in");
});

test("admin: customers, one of them, its events and its subscription", async ({ admin }) => {
  await admin.goto("/admin/customers");
  const first = admin.getByRole("rowheader").first().getByRole("link");
  await expect(first).toBeVisible();
  await look(admin, "admin-customers");
  await first.click();
  await expect(admin.getByTestId("bill-total")).toBeVisible();
  await look(admin, "admin-customer");
  const page = admin.url().split("?")[0];
  await admin.goto(`${page}/events`);
  await expect(admin.getByLabel("Filter events")).toBeVisible();
  await look(admin, "admin-customer-events");
  await admin.goto(`${page}/subscription`);
  await expect(admin.getByText(/Period anchor|No subscription now/)).toBeVisible();
  await look(admin, "admin-subscription");
});

test("admin: a customer's statement", async ({ admin }) => {
  await admin.goto("/admin/customers");
  await admin
    .getByRole("rowheader")
    .getByRole("link", { name: /^Northwind/ })
    .click();
  await expect(admin.getByTestId("bill-total")).toBeVisible();
  await admin.goto(`${admin.url().split("?")[0]}/statements`);
  await admin.getByRole("table", { name: "Statements" }).getByRole("link").first().click();
  await expect(admin.getByTestId("statement-total")).toBeVisible();
  await look(admin, "admin-statement");
});

test("admin: a customer's limits and alerts", async ({ admin }) => {
  await admin.goto("/admin/customers");
  await admin
    .getByRole("rowheader")
    .getByRole("link", { name: /^Northwind/ })
    .click();
  await expect(admin.getByTestId("bill-total")).toBeVisible();
  const page = admin.url().split("?")[0];
  await admin.goto(`${page}/limits`);
  await expect(admin.getByRole("heading", { name: "Set a limit" })).toBeVisible();
  await look(admin, "admin-customer-limits");
  await admin.goto(`${page}/alerts`);
  await expect(admin.getByRole("heading", { name: "History" })).toBeVisible();
  await look(admin, "admin-customer-alerts");
});

for (const [path, heading] of [
  ["meters", "Meters"],
  ["plans", "Plans"],
  ["api-keys", "API keys"],
] as const) {
  test(`admin: ${path}`, async ({ admin }) => {
    await admin.goto(`/admin/${path}`);
    await expect(admin.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await look(admin, `admin-${path}`);
  });
}

for (const [name, path, heading] of [
  ["overview", "", "What Stripe was told"],
  ["reports", "/reports", "Reports that need you"],
  ["reconciliation", "/reconciliation", "Discrepancies"],
  ["webhooks", "/webhooks", "Webhooks"],
  ["catalog", "/catalog", "Catalog at Stripe"],
] as const) {
  test(`admin: Stripe, ${name}`, async ({ admin }) => {
    await admin.goto(`/admin/stripe${path}`);
    await expect(admin.getByRole("heading", { level: 2, name: heading })).toBeVisible();
    await look(admin, `admin-stripe-${name}`);
  });
}

test("admin: a customer at Stripe", async ({ admin }) => {
  await admin.goto("/admin/customers");
  await admin
    .getByRole("rowheader")
    .getByRole("link", { name: /^Northwind/ })
    .click();
  await expect(admin.getByTestId("bill-total")).toBeVisible();
  await admin.goto(`${admin.url().split("?")[0]}/stripe`);
  await expect(admin.getByRole("heading", { level: 2, name: "Told in this billing period" })).toBeVisible();
  await look(admin, "admin-customer-stripe");
});
