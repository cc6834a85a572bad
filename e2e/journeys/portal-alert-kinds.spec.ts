import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { newCustomer } from "../support/new-customer.ts";
import { expect, expectAccessible, expectNoSidewaysScroll, test } from "../support/test.ts";

const HOUR_MS = 3_600_000;
/** Three weeks and a bit: enough to know what is usual. */
const PAST_HOURS = 22 * 24;

/** Usage of an hour: where in the past it lies, counted in hours from now. */
type Past = { meterKey: string; quantity: string; hoursAgo: number; properties?: Record<string, string> };

const looks = [
  { as: "phone", width: 390, height: 844 },
  { as: "dark", width: 1280, height: 900 },
  { as: "light", width: 1280, height: 900 },
  { as: "wide", width: 1600, height: 1000 },
] as const;
/** With METERLINE_E2E_PICTURES every page is kept in each look; without, the phone's says enough, in a quarter of the time. */
const wanted = process.env["METERLINE_E2E_PICTURES"] ? looks : looks.slice(0, 1);

/** Accessible, not wider than the window, and kept as a picture. */
async function look(page: Page, name: string): Promise<void> {
  for (const { as, width, height } of wanted) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: as === "dark" ? "dark" : "light" });
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await expectNoSidewaysScroll(page);
    if (as !== "wide") await expectAccessible(page);
    const picture = test.info().outputPath(`${name}-${as}.png`);
    await page.screenshot({ path: picture, fullPage: true });
    await test.info().attach(`${name}-${as}`, { path: picture, contentType: "image/png" });
  }
}

test("every kind of alert is in the history with how it was told, and so are limits, rules and webhooks", async ({
  browser,
  graphql,
}) => {
  test.slow();
  const hooks = createServer((request, response) => {
    request.resume();
    request.on("end", () => void response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => hooks.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/meterline`;
  const { page, customerId, externalId, record, close } = await newCustomer(graphql, browser, "trial");
  const past = (items: readonly Past[]) =>
    graphql(`mutation ($input: [RecordUsageInput!]!) { recordUsageBatch(input: $input) { rejected } }`, {
      input: items.map(({ hoursAgo, ...item }, index) => ({
        ...item,
        externalCustomerId: externalId,
        occurredAt: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
        idempotencyKey: `past ${item.meterKey} ${hoursAgo} ${index}`,
      })),
    });
  await graphql(`mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret } }`, {
    input: { customerId, url, description: "Our on-call system (test)" },
  });
  const rule = (input: object) =>
    graphql(`mutation ($input: AlertRuleInputType!) { createAlertRule(input: $input) { id } }`, {
      input: { customerId, ...input },
    });
  const limit = (input: object) =>
    graphql(
      `mutation ($customerId: ID!, $limit: LimitInput!) { setCustomerLimit(customerId: $customerId, limit: $limit) { id } }`,
      { customerId, limit: input },
    );

  // What is usual: so many an hour for three weeks. Orders then went silent, and requests leapt in this hour and the last.
  const hours = Array.from({ length: PAST_HOURS }, (_, index) => index);
  await past(
    hours.filter((ago) => ago > 3).map((hoursAgo) => ({ meterKey: "units_ordered", quantity: "40", hoursAgo })),
  );
  await past(
    hours.map((hoursAgo) => ({ meterKey: "api_requests", quantity: hoursAgo > 1 ? "300" : "9000", hoursAgo })),
  );
  await past([{ meterKey: "storage_gb", quantity: "500", hoursAgo: 5 }]);
  await limit({ policy: "SOFT", meterKey: "units_ordered", quantity: "500", warnAtPercent: [90] });
  await limit({ policy: "NOTIFY", meterKey: "storage_gb", quantity: "1000", warnAtPercent: [50] });
  await rule({ kind: "THRESHOLD", basis: "UNITS", meterKey: "api_requests", quantity: "20000", name: "Many requests" });
  await rule({ kind: "THRESHOLD", basis: "MONEY", meterKey: "api_requests", amount: "2", percents: ["100"] });
  await rule({ kind: "BUDGET", basis: "MONEY", amount: "10", percents: ["50", "100"], name: "Ten dollars" });
  await rule({ kind: "FORECAST", basis: "UNITS", meterKey: "api_requests", quantity: "100000" });
  await rule({ kind: "DROP", basis: "PATTERN", meterKey: "units_ordered" });
  await rule({ kind: "SPIKE", basis: "PATTERN", meterKey: "api_requests" });

  // What has been warned of so far is judged before the limit is reached.
  await page.goto("/portal/alerts");
  const kind = page.getByLabel("Kind of alert");
  for (const [name, words] of [
    ["Forecast", /at this pace you cross 100,000 requests/],
    ["Drop", /Units ordered: far less than usual/],
    ["Spike", /API requests: far more than usual/],
    ["Budget", /of the budget of \$10\.00/],
  ] as const) {
    await kind.selectOption(name);
    await expect(page.getByRole("heading", { name: words }).first()).toBeVisible({ timeout: 30_000 });
  }
  expect(await record("api_requests", "1700000")).toBeNull();
  expect(await record("api_requests", "400000")).toBe("LIMIT_REACHED");
  await kind.selectOption("Threshold");
  for (const words of [
    /80 % of the 10,000 requests included/,
    /20,000 requests reached/,
    /\$2\.00 reached/,
    /80 % of the limit of 2,000,000 requests/,
    /the limit of 2,000,000 requests reached/,
    /the limit of 500 units reached/,
    /the limit of 1,000 GB-hours reached/,
  ]) {
    await expect(page.getByRole("heading", { name: words }).first()).toBeVisible({ timeout: 30_000 });
  }
  // The banner would lie over the pictures.
  const dismiss = page.getByRole("region", { name: "Alert" }).getByRole("button", { name: "Dismiss" });
  for (let left = 20; left > 0 && (await dismiss.count()) > 0; left -= 1) await dismiss.click();
  await page.getByRole("button", { name: /^Told in 3 ways.*the limit of 2,000,000 requests reached/ }).click();
  const record0 = page.getByRole("list", { name: /How it was told/ });
  await expect(record0.getByText(url)).toBeVisible();
  await expect(record0.getByText(/: accepted \(204\)/)).toBeVisible();
  await expect(record0.getByText(`${externalId}@example.com`)).toBeVisible();
  await expect(page.getByText(/2,5\d\d(\.\d{1,3})? GB-hours used/).first()).toBeVisible();
  await look(page, "alert-opened");
  await kind.selectOption("");
  await expect(page.getByRole("heading", { name: /far less than usual/ })).toBeVisible();
  await look(page, "alerts-all-kinds");

  await page.goto("/portal/limits");
  await expect(page.getByText(/GB-hours of 1,000 GB-hours/)).toBeVisible();
  await look(page, "limits");

  await page.goto("/portal/alerts/rules");
  await page.getByLabel("Amount, in USD").fill("2");
  await expect(page.getByRole("status", { name: "What it will do" })).toContainText("$2.00");
  await look(page, "rules-with-preview");

  await page.goto("/portal/alerts/webhooks");
  await page.getByRole("button", { name: `Log of ${url}` }).click();
  const log = page.getByRole("region", { name: `Log of ${url}` });
  await expect(log.getByText("API requests: the limit of 2,000,000 requests reached")).toBeVisible();
  await expect(log.getByText(/: accepted \(204\)/).first()).toBeVisible();
  await look(page, "webhooks-with-log");
  await close();
  hooks.close();
});
