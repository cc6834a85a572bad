// @vitest-environment jsdom
import {
  apiError,
  CONSUMPTION,
  CUSTOMER,
  mockApi,
  type MockRoot,
  PROJECTION,
  renderApp,
  SERIES,
} from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { DashboardPage } from "./dashboard-page.tsx";

afterEach(cleanup);

const root: MockRoot = { consumption: CONSUMPTION, usageSeries: SERIES, projection: PROJECTION };

function open(overrides: MockRoot = {}, path = "/") {
  const api = mockApi({ ...root, ...overrides });
  renderApp(<DashboardPage customerId={CUSTOMER.id} />, { api, path });
  return api;
}

test("the first four answers stand without a click", async () => {
  open();
  expect((await screen.findByTestId("bill-total")).textContent).toBe("$380.01 USD");
  expect((await screen.findByTestId("projected-bill")).textContent).toBe("about $471.20");
  expect(screen.getByText(/four times of five/).textContent).toContain("$459.00 to $488.00");
  expect(screen.getByText(/^Day 23 of 30, ends /)).toBeDefined();
  expect(screen.getByRole("heading", { name: "Allowance used up" })).toBeDefined();
  expect((await screen.findAllByText(/Too early to compare/)).length).toBe(3);
  expect(screen.getByText(/Complete through/).textContent).toContain("Times in UTC, amounts in USD");
});

test("without a forecast the tile states the calendar", async () => {
  open({ projection: () => Promise.reject(apiError("UNAVAILABLE")) });
  expect(await screen.findByText("Day 23 of 30")).toBeDefined();
});

test("the bill is the API's lines and the API's total, to the cent", async () => {
  open();
  const bill = within(await screen.findByRole("region", { name: "The bill so far" }));
  const rows = bill.getAllByRole("listitem").map((row) => row.textContent);
  expect(rows).toEqual([
    "Base fee each month$99.00",
    "API requests73,402,118 requests$233.51",
    "Active users87 users$0.00",
    "Storage18,211.291666666667 GB-hours$47.50",
    "Total$380.01 USD",
  ]);
});

test("a line opens to its tiers, its exact sum and the rounding in words", async () => {
  open();
  const bill = within(await screen.findByRole("region", { name: "The bill so far" }));
  const line = bill.getByRole("button", { name: /API requests/ });
  expect(line.getAttribute("aria-expanded")).toBe("false");
  fireEvent.click(line);
  expect(line.getAttribute("aria-expanded")).toBe("true");
  const rows = within(bill.getByRole("table"))
    .getAllByRole("row")
    .map((row) => [...row.children].map((cell) => cell.textContent));
  expect(rows).toEqual([
    ["Charge", "Quantity", "Unit price", "Exact amount"],
    ["Tier 1Up to 50,000,000", "50,000,000", "$0.000004", "$200.00"],
    ["Tier 2Above 50,000,000", "13,402,118", "$0.0000025", "$33.505295"],
    ["Exact sum", "$233.505295"],
    ["Billed", "$233.51"],
  ]);
  expect(bill.getByText("Exactly $233.505295, rounded once, half up, to the cent: $233.51.")).toBeDefined();
  expect(bill.getByText("10,000,000 requests are included and come off first; 63,402,118 are billed.")).toBeDefined();
});

test("a line leads to its events, narrowed to the meter and the period", async () => {
  open();
  const bill = within(await screen.findByRole("region", { name: "The bill so far" }));
  fireEvent.click(bill.getByRole("button", { name: /Storage/ }));
  expect(bill.getByRole("link", { name: "Events behind this line" }).getAttribute("href")).toBe(
    "/events?meter=storage_gb&from=2026-11-01T00%3A00%3A00.000Z&to=2026-12-01T00%3A00%3A00.000Z",
  );
});

test("the table shows the chart's figures exactly, leaves out days ahead, and leads to each day's events", async () => {
  open();
  fireEvent.click(await screen.findByRole("radio", { name: "Table" }));
  const table = await screen.findByRole("table", { name: "API requests by day" });
  const rows = within(table)
    .getAllByRole("row")
    .map((row) => row.textContent?.replace(",", ""));
  expect(rows.length).toBe(4);
  expect(within(table).getByText("9,007,199,254,740,993")).toBeDefined();
  expect(rows[2]).toMatch(/so far71$/);
  expect(within(table).getByRole("link", { name: "12" }).getAttribute("href")).toBe(
    "/events?meter=api_requests&from=2026-11-22T00%3A00%3A00.000Z&to=2026-11-23T00%3A00%3A00.000Z",
  );
});

test("choosing a property asks for the same days in groups", async () => {
  const api = open();
  fireEvent.change(await screen.findByRole("combobox", { name: "Group by" }), { target: { value: "model" } });
  await screen.findByText(/9,007,199,254,741,000 requests in the period/);
  expect(api.operations.at(-1)).toEqual({
    name: "UsagePanelQuery",
    variables: {
      customerId: "customer-1",
      meterKey: "api_requests",
      from: "2026-11-01T00:00:00.000Z",
      to: "2026-12-01T00:00:00.000Z",
      groupBy: "model",
    },
  });
});

test("the period before is asked for by its last instant, and a past period leads back to now", async () => {
  open();
  const period = within(await screen.findByRole("navigation", { name: "Billing period" }));
  expect(period.getByRole("link", { name: "Previous period" }).getAttribute("href")).toBe(
    "/?at=2026-10-31T23:59:59.999Z",
  );
  expect(period.queryByRole("link", { name: "Next period" })).toBeNull();
  cleanup();
  const past = { start: "2026-10-01T00:00:00.000Z", end: "2026-11-01T00:00:00.000Z", state: "CLOSED" };
  const api = open({ consumption: { ...CONSUMPTION, period: past } }, "/?at=2026-10-31T23:59:59.999Z");
  expect(await screen.findByRole("heading", { name: "The bill" })).toBeDefined();
  expect(screen.queryByText("What changed")).toBeNull();
  expect(screen.getByRole("heading", { name: "The period before" })).toBeDefined();
  expect(screen.getByRole("link", { name: "Next period" }).getAttribute("href")).toBe("/?at=2026-11-01T00:00:00.000Z");
  expect(screen.getByRole("link", { name: "Current period" }).getAttribute("href")).toBe("/");
  expect(api.operations[0]?.variables).toEqual({ customerId: "customer-1", at: "2026-10-31T23:59:59.999Z" });
});

test("a customer without a plan sees that there is nothing to bill", async () => {
  open({
    consumption: {
      ...CONSUMPTION,
      subscription: null,
      lines: [],
      baseFee: { amountMinor: "0", currency: "USD" },
      total: { amountMinor: "0", currency: "USD" },
    },
  });
  expect(await screen.findByText("Nothing to bill")).toBeDefined();
  expect(screen.getByText("No usage to show")).toBeDefined();
});

test("a failure offers another try, which then shows the figures", async () => {
  let failing = true;
  open({
    consumption: () => {
      if (failing) throw apiError("UNAVAILABLE");
      return CONSUMPTION;
    },
  });
  const again = await screen.findByRole("button", { name: "Try again" });
  failing = false;
  fireEvent.click(again);
  expect((await screen.findByTestId("bill-total")).textContent).toBe("$380.01 USD");
});

test("a chart that fails leaves the bill standing", async () => {
  open({
    usageSeries: () => {
      throw apiError("INTERNAL");
    },
  });
  expect((await screen.findByTestId("bill-total")).textContent).toBe("$380.01 USD");
  expect(await screen.findByText("Something failed on our side")).toBeDefined();
});

test("when the bill moves on, the days are asked for again, so that both state one number", async () => {
  const api = open();
  await screen.findByText(/9,007,199,254,741,000 requests in the period/);
  const asked = () => api.operations.filter((operation) => operation.name === "UsagePanelQuery").length;
  expect(asked()).toBe(1);
  api.root["consumption"] = { ...CONSUMPTION, completeThrough: "2026-11-23T14:33:00.000Z" };
  await api.client.refetchQueries({ include: ["DashboardPageQuery"] });
  await screen.findByText(/14:33/);
  await vi.waitFor(() => expect(asked()).toBe(2));
});
