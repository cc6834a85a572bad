import type { WebSocketRoute } from "@playwright/test";
import { newCustomer } from "../support/new-customer.ts";
import { expect, test } from "../support/test.ts";

test("figures move by themselves, in the tile, the lines and the chart, without asking again", async ({
  browser,
  graphql,
}) => {
  const { page, record, close } = await newCustomer(graphql, browser, "starter");
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/graphql") && /DashboardPageQuery/.test(request.postData() ?? "")) asked += 1;
  });
  await page.goto("/portal/");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expect(page.getByTestId("bill-total")).toHaveText("$0.00 USD");
  await record("api_requests", "20000");
  // 10,000 are included; the other 10,000 cost 0.0004 dollars each.
  await expect(page.getByTestId("bill-total")).toHaveText("$4.00 USD");
  await expect(page.getByRole("button", { name: /^API requests/ })).toContainText("20,000 requests");
  await expect(page.getByText(/^20,000 requests in the period\./)).toBeVisible();
  expect(asked).toBe(1);
  await close();
});

test("a connection that is cut comes back by itself, and with it what happened meanwhile", async ({
  browser,
  graphql,
}) => {
  const { page, record, close } = await newCustomer(graphql, browser, "starter");
  const open: WebSocketRoute[] = [];
  let connections = 0;
  await page.routeWebSocket("**/graphql", (route) => {
    connections += 1;
    open.push(route);
    route.connectToServer();
  });
  await page.goto("/portal/");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  for (const route of open.splice(0)) await route.close({ code: 1001, reason: "Meterline restarts." });
  await record("api_requests", "20000");
  await expect(page.getByTestId("bill-total")).toHaveText("$4.00 USD");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  expect(connections).toBeGreaterThan(1);
  await close();
});

test("while nothing answers the page says that its figures may be old", async ({ browser, graphql }) => {
  const { page, close } = await newCustomer(graphql, browser, "starter");
  await page.clock.install();
  await page.goto("/portal/");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await page.routeWebSocket("**/graphql", (route) => route.close({ code: 1013 }));
  await page.reload();
  await expect(page.getByText("Reconnecting")).toBeVisible();
  await page.clock.runFor(9_000);
  await expect(page.getByText(/^Meterline does not answer right now/)).toBeVisible();
  await close();
});

test("a session that ends elsewhere closes the page's connection and asks to sign in", async ({ browser, graphql }) => {
  const { page, close } = await newCustomer(graphql, browser, "starter");
  await page.goto("/portal/");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const origin = new URL(page.url()).origin;
  await page.context().request.post("/api/auth/portal/sign-out", { data: {}, headers: { Origin: origin } });
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible({ timeout: 30_000 });
  await close();
});
