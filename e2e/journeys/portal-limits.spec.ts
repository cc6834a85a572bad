import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { newCustomer } from "../support/new-customer.ts";
import { expect, test } from "../support/test.ts";

test("usage nears a limit: the banner comes by itself, the mail is in the mailbox, and it can be put away", async ({
  browser,
  graphql,
}) => {
  const { page, externalId, record, close } = await newCustomer(graphql, browser, "trial");
  await page.goto("/portal/");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "Alert" })).toHaveCount(0);
  // The plan stops at 2,000,000 requests; a warning comes at 80 %.
  expect(await record("api_requests", "1700000")).toBeNull();
  const banner = page.getByRole("region", { name: "Alert" });
  await expect(banner).toBeVisible();
  await expect(banner).toContainText("API requests");

  await page.getByRole("link", { name: "Limits" }).click();
  await expect(page.getByText("1,700,000 requests of 2,000,000 requests")).toBeVisible();
  await expect(page.getByText("Near", { exact: true })).toBeVisible();
  expect(await record("api_requests", "400000")).toBe("LIMIT_REACHED");

  await page.getByRole("link", { name: /^All alerts/ }).click();
  await expect(page.getByRole("heading", { name: /80 % of/ }).first()).toBeVisible();
  const told = page.getByRole("button", { name: /^Told in/ }).first();
  await told.click();
  await expect(page.getByText(`${externalId}@example.com`).first()).toBeVisible();
  await expect(page.getByText(/: accepted/).first()).toBeVisible();

  const mailbox = await page.context().newPage();
  await mailbox.goto("/mailbox");
  await expect(mailbox.getByText(`${externalId}@example.com`).first()).toBeVisible();
  await mailbox.close();

  const dismiss = banner.getByRole("button", { name: "Dismiss" });
  for (let left = 10; left > 0 && (await dismiss.count()) > 0; left -= 1) await dismiss.click();
  await expect(banner).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Alerts" })).toBeVisible();
  await expect(banner).toHaveCount(0);
  await close();
});

test("a member sets a budget, reads what it does first, and is told when it is reached", async ({
  browser,
  graphql,
}) => {
  const { page, record, close } = await newCustomer(graphql, browser, "trial");
  await page.goto("/portal/limits");
  await page.getByLabel("Amount, in USD").fill("10");
  await page.getByLabel("Tell me at, in %").fill("100");
  await page.getByLabel("Name").fill("Ten dollars");
  await expect(page.getByRole("status", { name: "What it will do" })).toContainText("10");
  await page.getByRole("button", { name: "Set budget" }).click();
  await expect(page.getByText("Saved; it counts from now on.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Ten dollars" })).toBeVisible();
  // 30,000 past the allowance at 0.0004 dollars each: 12 dollars.
  await record("api_requests", "40000");
  await page.getByRole("link", { name: "Alerts", exact: true }).click();
  await page.getByLabel("Kind of alert").selectOption("Budget");
  await expect(page.getByRole("heading", { name: /budget|10\.00|Ten dollars/i }).first()).toBeVisible();
  await close();
});

test("a webhook is added and tested; the alert arrives, and its log says so", async ({ browser, graphql }) => {
  const received: string[] = [];
  const hooks = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      received.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/meterline`;
  const { page, record, close } = await newCustomer(graphql, browser, "trial");
  await page.goto("/portal/alerts/webhooks");
  await page.getByLabel("Address").fill(url);
  await page.getByRole("button", { name: "Add webhook" }).click();
  await expect(page.getByText(/^whsec_/)).toBeVisible();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("button", { name: `Send a test to ${url}` }).click();
  const log = page.getByRole("region", { name: `Log of ${url}` });
  await expect(log.getByText(/: accepted \(204\)/)).toBeVisible({ timeout: 20_000 });
  await record("api_requests", "9000");
  await expect(log.getByText(/: accepted \(204\)/)).toHaveCount(2, { timeout: 20_000 });
  expect(received.some((body) => body.includes("api_requests"))).toBe(true);
  await close();
  await new Promise((resolve) => hooks.close(resolve));
});

test("staff override a limit with a reason and an end, and usage that was refused is recorded", async ({
  admin,
  browser,
  graphql,
}) => {
  const { page, customerId, record, close } = await newCustomer(graphql, browser, "trial");
  expect(await record("api_requests", "2000000")).toBeNull();
  expect(await record("api_requests", "1")).toBe("LIMIT_REACHED");
  await page.goto("/portal/limits");
  await expect(page.getByText("Refusing usage")).toBeVisible();

  await admin.goto(`/admin/customers/${customerId}/limits`);
  await admin.getByLabel("Of", { exact: true }).selectOption("API requests");
  await admin.getByLabel("Most, in requests").fill("3,000,000");
  await expect(admin.getByRole("status", { name: "What it will do" })).toContainText("3,000,000 requests");
  await admin.getByLabel("Reason").fill("Launch week, agreed by phone");
  const end = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, "2026-12-01T00:00".length);
  await admin.getByLabel("Ends, UTC").fill(end);
  await admin.getByRole("button", { name: "Override" }).click();
  await expect(admin.getByText("Saved; it holds from now on.")).toBeVisible();
  await expect(admin.getByText("Not in force: an override stands in its place")).toBeVisible();
  await expect(admin.getByText(/“Launch week, agreed by phone”/)).toBeVisible();

  expect(await record("api_requests", "1")).toBeNull();
  // The member's page moves by itself, and does not say why staff did it.
  await expect(page.getByText("2,000,001 requests of 3,000,000 requests")).toBeVisible();
  await expect(page.getByText("Override by staff", { exact: false }).first()).toBeVisible();
  await expect(page.getByText("Launch week")).toHaveCount(0);
  await close();
});
