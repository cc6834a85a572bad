import { expect, test } from "../support/test.ts";

test("an ended session asks to sign in again and then opens the page that was asked for", async ({
  portal,
  instance,
}) => {
  const [person] = instance.demo.portal;
  // The page that was asked for must be the first to hear of the end: nothing arrives live, and what the page before still
  // asks for waits until the click.
  await portal.routeWebSocket("**/graphql", (route) => route.close());
  await portal.goto("/portal/events");
  await expect(portal.getByRole("heading", { name: "Usage events" })).toBeVisible();
  const clicked = Promise.withResolvers<void>();
  await portal.route("**/graphql", (route) => clicked.promise.then(() => route.continue()));
  await portal.context().clearCookies();
  await portal.getByRole("link", { name: "Limits", exact: true }).click();
  clicked.resolve();
  await expect(portal.getByText(/Your session has ended/)).toBeVisible();
  await portal.getByLabel("E-mail").fill(person?.email ?? "");
  await portal.getByRole("textbox", { name: "Password" }).fill(person?.password ?? "");
  await portal.getByRole("button", { name: "Sign in" }).click();
  await expect(portal.getByRole("heading", { level: 1, name: "Limits" })).toBeVisible();
});

test("a wrong password is refused in words that do not say which part was wrong", async ({ page, instance }) => {
  await page.goto("/portal/");
  await page.getByLabel("E-mail").fill(instance.demo.portal[0]?.email ?? "");
  await page.getByRole("textbox", { name: "Password" }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("That e-mail address and password do not match.")).toBeVisible();
});

test("an API that does not answer gives words and another try, and the try works", async ({ portal }) => {
  // Without this the figures would come over the live connection.
  await portal.routeWebSocket("**/graphql", (route) => route.close());
  await portal.route("**/graphql", (route) =>
    /DashboardPageQuery/.test(route.request().postData() ?? "") ? route.abort() : route.continue(),
  );
  await portal.goto("/portal/");
  await expect(portal.getByText("No connection to Meterline")).toBeVisible();
  await portal.unroute("**/graphql");
  await portal.getByRole("button", { name: "Try again" }).click();
  await expect(portal.getByTestId("bill-total")).toBeVisible();
});

test("a query that gets no answer once is tried again by itself", async ({ portal }) => {
  let failed = 0;
  await portal.route("**/graphql", (route) => {
    const isFirst = failed === 0 && /DashboardPageQuery/.test(route.request().postData() ?? "");
    if (!isFirst) return route.continue();
    failed += 1;
    return route.abort();
  });
  await portal.goto("/portal/");
  await expect(portal.getByTestId("bill-total")).toBeVisible();
  expect(failed).toBe(1);
});

test("a browser without a network says that the figures are the last ones received", async ({ portal }) => {
  await portal.goto("/portal/");
  await expect(portal.getByTestId("bill-total")).toBeVisible();
  await portal.context().setOffline(true);
  await expect(portal.getByText(/^You are offline/)).toBeVisible();
  await portal.context().setOffline(false);
  await expect(portal.getByText(/^You are offline/)).toHaveCount(0);
});

test("figures arrive without moving what is on screen already", async ({ portal }) => {
  await portal.addInitScript(() => {
    const store = window as unknown as { shifted: number };
    store.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) store.shifted += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await portal.goto("/portal/");
  await expect(portal.getByTestId("bill-total")).toBeVisible();
  await expect(portal.locator(".recharts-surface")).toBeVisible();
  // Google's bound for "good" is 0.1: https://web.dev/articles/cls
  expect(await portal.evaluate(() => (window as unknown as { shifted: number }).shifted)).toBeLessThan(0.1);
});

test("an address that is no page says so", async ({ portal }) => {
  await portal.goto("/portal/nothing/here");
  await expect(portal.getByRole("heading", { name: "Not found" })).toBeVisible();
});

test("a staff session does not open the portal, nor a member's the admin app", async ({ portal, admin }) => {
  await portal.goto("/admin/");
  await expect(portal.getByRole("heading", { name: "Staff sign-in" })).toBeVisible();
  await admin.goto("/portal/");
  await expect(admin.getByRole("heading", { name: "Sign in" })).toBeVisible();
});
