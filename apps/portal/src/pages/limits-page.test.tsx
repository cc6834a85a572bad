// @vitest-environment jsdom
import { apiError, CUSTOMER, LIMITS, METERS, mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, screen, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { LimitsPage } from "./limits-page.tsx";

afterEach(cleanup);

function open(root: MockRoot) {
  const api = mockApi({ meters: Object.values(METERS), ...root });
  renderApp(<LimitsPage customerId={CUSTOMER.id} />, { api, path: "/limits" });
  return api;
}

test("each limit says in words what it does, what is used, what is left and until when", async () => {
  open({ limits: [LIMITS.hard, LIMITS.money] });
  const rows = await screen.findAllByRole("listitem");
  const hard = within(rows[0] as HTMLElement);
  expect(hard.getByRole("heading", { name: "API requests" })).toBeDefined();
  expect(hard.getByText("Hard limit, each billing period")).toBeDefined();
  expect(hard.getByText("Near")).toBeDefined();
  expect(rows[0]?.textContent).toContain("1,800,000 requests of 2,000,000 requests");
  expect(rows[0]?.textContent).toContain("150,000 requests left until ");
  expect(rows[0]?.textContent).toContain("50,000 requests held by reservations");
  expect(hard.getByText("Move to Growth, which has no hard limit.")).toBeDefined();
  expect(hard.getByText(/^Stops at 2,000,000 requests/)).toBeDefined();
});

test("a limit in money is stated in money, and one that is overridden says so", async () => {
  open({ limits: [LIMITS.money] });
  const row = await screen.findByRole("listitem");
  expect(within(row).getByRole("heading", { name: "Whole bill" })).toBeDefined();
  expect(row.textContent).toContain("$412.37 of $500.00");
  expect(row.textContent).toContain("$87.63 left");
  expect(within(row).getByText("Not in force: an override stands in its place")).toBeDefined();
});

test("no limits and a failure each have their words", async () => {
  open({ limits: [] });
  expect(await screen.findByText("No limits")).toBeDefined();
  open({ limits: () => Promise.reject(apiError("INTERNAL")) });
  expect(await screen.findByText("Something failed on our side")).toBeDefined();
});
