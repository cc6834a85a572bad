// @vitest-environment jsdom
import { AlertBanner } from "@meterline/web-kit";
import { ALERT, apiError, CUSTOMER, mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Route, Routes } from "react-router";
import { AlertsPage } from "./alerts-page.tsx";

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const page = (nodes: unknown[]) => ({ nodes, pageInfo: { hasNextPage: false, endCursor: null } });

function open(root: MockRoot, path = "/alerts") {
  const api = mockApi(root);
  const page = (
    <Routes>
      <Route path="/alerts/*" element={<AlertsPage customerId={CUSTOMER.id} />} />
    </Routes>
  );
  renderApp(page, { api, path });
  return api;
}

test("an alert opens to its delivery record: each way, to whom, and every attempt", async () => {
  open({ alerts: page([ALERT]) });
  fireEvent.click(await screen.findByRole("button", { name: /^Told in 2 ways/ }));
  expect(screen.getByText("mia@example.test")).toBeDefined();
  expect(screen.getByText(/^Attempt 1, .*: accepted \(250\)$/)).toBeDefined();
  expect(screen.getByText("https://hooks.example.test/meterline")).toBeDefined();
  expect(screen.getByText(/^Attempt 1, .*: refused \(500\)\. Server Error$/)).toBeDefined();
  expect(screen.getByText(/tried next/)).toBeDefined();
});

test("the kind in the address is asked for; a kind that is none asks for all", async () => {
  const api = open({ alerts: page([]) }, "/alerts?kind=SPIKE");
  expect(await screen.findByText("No alert of this kind")).toBeDefined();
  expect(api.operations.find((one) => one.name === "AlertsViewQuery")?.variables).toMatchObject({ kind: "SPIKE" });
  const other = open({ alerts: page([]) }, "/alerts?kind=nothing");
  expect(await screen.findByText("No alerts yet")).toBeDefined();
  expect(other.operations.find((one) => one.name === "AlertsViewQuery")?.variables).toMatchObject({ kind: null });
});

test("a failure has its words", async () => {
  open({ alerts: () => Promise.reject(apiError("UNAVAILABLE")) });
  expect(await screen.findByText("Meterline is not answering right now")).toBeDefined();
});

function openBanner(alerts: unknown[]) {
  const api = mockApi({ alerts: page(alerts) });
  renderApp(<AlertBanner customerId={CUSTOMER.id} alertsPath="/alerts" />, { api });
  return api;
}

test("the banner shows the most urgent open alert, and the next one when it is dismissed", async () => {
  const critical = { ...ALERT, id: "alert-2", sequence: "2", severity: "CRITICAL", title: "Usage is being refused" };
  openBanner([ALERT, critical]);
  expect(await screen.findByText("Usage is being refused")).toBeDefined();
  expect(screen.getByRole("alert")).toBeDefined();
  expect(screen.getByRole("link", { name: "All alerts (1 more)" })).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(await screen.findByText("API requests: 80% of the limit")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Snooze" }));
  fireEvent.click(screen.getByRole("button", { name: "For a day" }));
  expect(screen.queryByRole("link", { name: /^All alerts/ })).toBeNull();
  // In another visit both stay away.
  const third = { ...ALERT, id: "alert-3", severity: "INFO", title: "For information" };
  openBanner([ALERT, critical, third]);
  expect(await screen.findByText("For information")).toBeDefined();
  expect(screen.queryByText("Usage is being refused")).toBeNull();
});

test("an alert of a period that is over is no banner", async () => {
  openBanner([{ ...ALERT, period: { start: "2020-01-01T00:00:00.000Z", end: "2020-02-01T00:00:00.000Z" } }]);
  expect(await screen.findByRole("status")).toBeDefined();
  expect(screen.queryByRole("link", { name: "All alerts" })).toBeNull();
});
