import type { Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";

/** The first line of the bill, which every demo customer has. */
const firstLine = (page: Page) =>
  page
    .getByRole("region", { name: /^The bill/ })
    .getByRole("button", { expanded: false })
    .first();

test("a member sees the bill so far, the projected one, the allowance and what changed without a click", async ({
  portal,
}) => {
  await portal.goto("/portal/");
  await expect(portal.getByTestId("bill-total")).toHaveText(/\d/);
  await expect(portal.getByTestId("projected-bill")).toHaveText(/\d/);
  await expect(portal.getByText(/^Day \d+ of \d+, ends /)).toBeVisible();
  await expect(portal.getByRole("heading", { name: /^Allowance/ })).toBeVisible();
  await expect(portal.getByRole("heading", { name: "What changed" })).toBeVisible();
  await expect(portal.getByText(/^Complete through .+ amounts in [A-Z]{3}\.$/)).toBeVisible();
});

test("the tile and the bill state one total, and it is the API's", async ({ portal }) => {
  const answer = portal.waitForResponse(
    (response) => response.url().endsWith("/graphql") && /DashboardPageQuery/.test(response.request().postData() ?? ""),
  );
  await portal.goto("/portal/");
  const { data } = await (await answer).json();
  const shown = (text: string | null) => (text ?? "").replace(/[^\d-]/g, "");
  const total = await portal.getByTestId("bill-total").textContent();
  expect(shown(total)).toBe(data.consumption.total.amountMinor.padStart(3, "0"));
  const lastRow = portal
    .getByRole("region", { name: /^The bill/ })
    .getByRole("listitem")
    .last();
  expect(shown(await lastRow.textContent())).toBe(shown(total));
});

test("a line opens to its tiers, its exact sum and its rounding, and leads to its days and events", async ({
  portal,
}) => {
  await portal.goto("/portal/");
  const line = firstLine(portal);
  const name = (await line.locator(".ml-line-name").textContent()) ?? "";
  await line.click();
  const bill = portal.getByRole("region", { name: /^The bill/ });
  await expect(bill.getByText(/^Exactly /)).toBeVisible();
  await expect(bill.getByText("Measured", { exact: true })).toBeVisible();

  await bill.getByRole("link", { name: `${name} by day` }).click();
  await expect(portal.getByRole("heading", { name: `${name} by day` })).toBeFocused();

  await bill.getByRole("link", { name: "Events behind this line" }).click();
  await expect(portal.getByRole("heading", { name: "Usage events" })).toBeVisible();
  await expect(portal).toHaveURL(/meter=.+from=.+to=/);
});

test("the chart turns into a table whose days lead to their events", async ({ portal }) => {
  await portal.goto("/portal/");
  await expect(portal.locator(".recharts-surface")).toBeVisible();
  await portal.getByText("Table", { exact: true }).click();
  const table = portal.getByRole("table", { name: /by day$/ });
  await expect(table).toBeVisible();
  await expect(table.getByRole("rowheader", { name: "Whole period" })).toBeVisible();
  const events = table.getByRole("link").first();
  const count = ((await events.textContent()) ?? "").replace(/,/g, "");
  await events.click();
  await expect(portal.getByRole("table", { name: "Usage events" })).toBeVisible();
  const rows = portal.getByRole("button", { name: /^Show details of event/ });
  expect(await rows.count()).toBe(Math.min(50, Number(count)));
});

test("an event opens to its ids and properties", async ({ portal }) => {
  await portal.goto("/portal/events");
  await portal.getByRole("button", { name: "Show details of event 1", exact: true }).click();
  await expect(portal.getByText("Event id", { exact: true })).toBeVisible();
  await expect(portal.getByRole("button", { name: "Copy event id" })).toBeVisible();
});

test("a long list of events comes page by page, none twice", async ({ portal }) => {
  await portal.goto("/portal/events");
  await portal.getByRole("button", { name: "Load more" }).click();
  await expect(portal.getByText(/^100 events|events, all shown$/)).toBeVisible();
  const keys = await portal.locator(".ml-event-key").allTextContents();
  expect(keys.length).toBeGreaterThan(50);
  expect(new Set(keys).size).toBe(keys.length);
});

test("the period before opens, and the current one is a click away", async ({ portal }) => {
  await portal.goto("/portal/");
  const period = portal.getByRole("navigation", { name: "Billing period" });
  const now = await period.textContent();
  await period.getByRole("link", { name: "Previous period" }).click();
  await expect(period.getByRole("link", { name: "Current period" })).toBeVisible();
  expect(await period.textContent()).not.toBe(now);
  await period.getByRole("link", { name: "Current period" }).click();
  await expect(period.getByText("Current period")).toBeVisible();
  await expect(period.getByRole("link", { name: "Next period" })).toHaveCount(0);
});

test("the chosen colours stay after a reload", async ({ portal }) => {
  await portal.goto("/portal/");
  await portal.getByRole("button", { name: /^Colours: system/ }).click();
  await portal.getByRole("button", { name: /^Colours: light/ }).click();
  await expect(portal.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await portal.reload();
  await expect(portal.getByRole("button", { name: /^Colours: dark/ })).toBeVisible();
  await expect(portal.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});
