// @vitest-environment jsdom
import {
  apiError,
  CUSTOMER,
  LIMITS,
  METERS,
  mockApi,
  type MockRoot,
  PROJECTION,
  renderApp,
  RULE,
} from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { LimitsPage } from "./limits-page.tsx";

afterEach(cleanup);

function open(root: MockRoot) {
  const api = mockApi({ meters: Object.values(METERS), alertRules: [], projection: PROJECTION, ...root });
  renderApp(<LimitsPage customerId={CUSTOMER.id} />, { api, path: "/limits" });
  return api;
}

test("each limit says in words what it does, what is used, what is left and until when", async () => {
  open({ limits: [LIMITS.hard, LIMITS.money] });
  const rows = await within(await screen.findByRole("region", { name: "Limits in place" })).findAllByRole("listitem");
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
  const row = await within(await screen.findByRole("region", { name: "Limits in place" })).findByRole("listitem");
  expect(within(row).getByRole("heading", { name: "Whole bill" })).toBeDefined();
  expect(row.textContent).toContain("$412.37 of $500.00");
  expect(row.textContent).toContain("$87.63 left");
  expect(within(row).getByText("Not in force: an override stands in its place")).toBeDefined();
});

test("what is expected to be crossed stands with its date, and what that is made from", async () => {
  open({ limits: [] });
  expect(await screen.findByText(/^At this pace you cross 80,000,000 requests/)).toBeDefined();
  expect(screen.getByText("From the usual week of the last 60 days.")).toBeDefined();
});

test("a budget is read in words, with what it would have done, before it is set", async () => {
  const createAlertRule = vi.fn<(args: unknown) => unknown>(() => RULE);
  const preview = { words: "Tells you at 50 %.", pastWords: "It would have fired on the 9th." };
  const api = open({ limits: [], createAlertRule, alertRulePreview: preview });
  const amount = await screen.findByLabelText("Amount, in USD");
  fireEvent.change(amount, { target: { value: "1,500" } });
  expect(await screen.findByText("It would have fired on the 9th.")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Set budget" }));
  expect(await screen.findByText("Saved; it counts from now on.")).toBeDefined();
  expect(createAlertRule.mock.calls[0]?.[0]).toMatchObject({
    input: { kind: "BUDGET", basis: "MONEY", amount: "1500", percents: ["50", "80", "100"] },
  });
  expect(api.operations.filter((one) => one.name === "LimitsPageQuery").length).toBeGreaterThan(1);
});

test("budgets are listed, and one is changed, switched off and removed in place", async () => {
  const updateAlertRule = vi.fn<(args: unknown) => unknown>(() => RULE);
  const deleteAlertRule = vi.fn<(args: unknown) => unknown>(() => RULE);
  open({ limits: [], alertRules: [RULE, { ...RULE, id: "rule-2", kind: "SPIKE" }], updateAlertRule, deleteAlertRule });
  const budgets = within(await screen.findByRole("region", { name: "Budgets" }));
  const row = within(await budgets.findByRole("listitem"));
  expect(row.getByRole("heading", { name: "Marketing" })).toBeDefined();
  fireEvent.click(row.getByRole("button", { name: "Switch off: Marketing" }));
  await vi.waitFor(() => expect(updateAlertRule).toHaveBeenCalledTimes(1));
  expect(updateAlertRule.mock.calls[0]?.[0]).toMatchObject({ input: { id: "rule-1", enabled: false } });
  fireEvent.click(await screen.findByRole("button", { name: "Change: Marketing" }));
  fireEvent.change(screen.getAllByLabelText("Amount, in USD")[0] as HTMLElement, { target: { value: "900" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await vi.waitFor(() => expect(updateAlertRule).toHaveBeenCalledTimes(2));
  expect(updateAlertRule.mock.calls[1]?.[0]).toMatchObject({
    input: { id: "rule-1", amount: "900", percents: ["80"] },
  });
  const change = await screen.findByRole("button", { name: "Change: Marketing" });
  await vi.waitFor(() => expect(document.activeElement).toBe(change));
  fireEvent.click(screen.getByRole("button", { name: "Remove: Marketing" }));
  // The second click of a double click is no answer; an answer of its own is.
  fireEvent.click(screen.getByRole("button", { name: "Remove for good" }), { detail: 2 });
  fireEvent.click(screen.getByRole("button", { name: "Keep as it is" }));
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Remove: Marketing" }));
  expect(deleteAlertRule).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Remove: Marketing" }));
  fireEvent.click(screen.getByRole("button", { name: "Remove for good" }));
  await vi.waitFor(() => expect(deleteAlertRule).toHaveBeenCalledTimes(1));
});

test("no limits and a failure each have their words", async () => {
  open({ limits: [] });
  expect(await screen.findByText("No limits")).toBeDefined();
  open({ limits: () => Promise.reject(apiError("INTERNAL")) });
  expect(await screen.findByText("Something failed on our side")).toBeDefined();
});
