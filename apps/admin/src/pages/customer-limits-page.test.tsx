// @vitest-environment jsdom
import { apiError, CUSTOMER, LIMITS, METERS, mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { CustomerLimitsPage } from "./customer-limits-page.tsx";

afterEach(cleanup);

const override = {
  ...LIMITS.hard,
  id: "limit-9",
  source: "OVERRIDE",
  endsAt: "2026-12-01T00:00:00.000Z",
  reason: "Launch week",
  setBy: "staff:sam",
};

function open(root: MockRoot) {
  const api = mockApi({
    meters: Object.values(METERS),
    limits: [LIMITS.hard],
    limitPreview: { words: "Stops at 5 requests.", warnings: ["9 requests are used already."], faults: [] },
    ...root,
  });
  renderApp(<CustomerLimitsPage customerId={CUSTOMER.id} />, { api });
  return api;
}

const fill = (label: string | RegExp, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

test("what an override does is read before it is saved, and it is sent with its reason and end", async () => {
  const overrideLimit = vi.fn<(args: unknown) => unknown>(() => override);
  const api = open({ overrideLimit });
  await screen.findByText("Set a limit");
  const save = screen.getByRole("button", { name: "Override" });
  expect((save as HTMLButtonElement).disabled).toBe(true);
  fill("Most, in requests", "5");
  const preview = screen.getByRole("status", { name: "What it will do" });
  expect(await within(preview).findByText("Stops at 5 requests.")).toBeDefined();
  expect(within(preview).getByText("9 requests are used already.")).toBeDefined();
  fill("Reason", "Launch week");
  fill("Ends, UTC", "2026-12-01T00:00");
  fireEvent.click(save);
  expect(await screen.findByText("Saved; it holds from now on.")).toBeDefined();
  expect(overrideLimit.mock.calls[0]?.[0]).toMatchObject({
    customerId: CUSTOMER.id,
    reason: "Launch week",
    endsAt: "2026-12-01T00:00:00Z",
    limit: { meterKey: "api_requests", policy: "HARD", period: "BILLING_PERIOD", quantity: "5", warnAtPercent: [80] },
  });
  // The list above the form is asked for again.
  expect(api.operations.filter((one) => one.name === "CustomerLimitsPageQuery").length).toBeGreaterThan(1);
});

test("faults stand where the words would, and a refusal is said", async () => {
  const faults = [{ path: "quantity", message: "quantity must be more than zero." }];
  const refusal = apiError("BAD_USER_INPUT", "endsAt is in the past.", "endsAt");
  open({
    limitPreview: { words: null, warnings: [], faults },
    overrideLimit: () => Promise.reject(refusal),
  });
  await screen.findByText("Set a limit");
  fill("Most, in requests", "0");
  expect(await screen.findByText("quantity must be more than zero.")).toBeDefined();
  fill("Reason", "x");
  fill("Ends, UTC", "2020-12-01T00:00");
  fireEvent.click(screen.getByRole("button", { name: "Override" }));
  expect((await screen.findByRole("alert")).textContent).toBe("endsAt is in the past.");
});

test("a limit of the plan cannot be ended here; an override can, after asking once more", async () => {
  const endCustomerLimit = vi.fn<() => unknown>(() => ({ id: "limit-9", endsAt: "2026-11-23T00:00:00.000Z" }));
  open({ limits: [{ ...LIMITS.hard, inForce: false }, override], endCustomerLimit });
  const rows = await screen.findAllByRole("listitem");
  expect(within(rows[0] as HTMLElement).queryByRole("button")).toBeNull();
  const row = within(rows[1] as HTMLElement);
  expect(rows[1]?.textContent).toContain("Override by staff, ends ");
  expect(rows[1]?.textContent).toContain("“Launch week” (staff:sam)");
  fireEvent.click(row.getByRole("button", { name: /^End now/ }));
  fireEvent.click(row.getByRole("button", { name: "End this limit" }));
  await vi.waitFor(() => expect(endCustomerLimit).toHaveBeenCalled());
});
