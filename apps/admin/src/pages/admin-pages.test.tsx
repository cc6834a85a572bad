// @vitest-environment jsdom
import {
  apiError,
  CONSUMPTION,
  CUSTOMER,
  METERS,
  mockApi,
  type MockRoot,
  renderApp,
  SERIES,
} from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { ApiKeysPage } from "./api-keys-page.tsx";
import { CustomerPage } from "./customer-page.tsx";
import { CustomersPage } from "./customers-page.tsx";
import { MetersPage } from "./meters-page.tsx";
import { PlansPage } from "./plans-page.tsx";

afterEach(cleanup);

function open(page: ReactNode, root: MockRoot, path = "/") {
  const api = mockApi(root);
  renderApp(page, { api, path });
  return api;
}

const customers =
  (count: number) =>
  ({ search, first, after }: { search?: string | null; first: number; after?: string | null }) => {
    const all = Array.from({ length: count }, (_, index) => ({
      ...CUSTOMER,
      id: `c-${index}`,
      externalId: `org-${index}`,
      name: `Customer ${index}`,
    }));
    const found = all.filter((customer) => search == null || customer.name.includes(search));
    const start = after == null ? 0 : Number(after);
    return {
      nodes: found.slice(start, start + first),
      pageInfo: { hasNextPage: start + first < found.length, endCursor: String(start + first) },
      totalCount: found.length,
    };
  };

test("customers: a long list comes page by page and says how many there are", async () => {
  open(<CustomersPage />, { customers: customers(60) });
  expect(await screen.findByText("50 of 60 customers shown")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Load more" }));
  expect(await screen.findByText("60 customers, all shown")).toBeDefined();
});

test("customers: the search asks once typing pauses, and says when nothing matches", async () => {
  const api = open(<CustomersPage />, { customers: customers(60) });
  await screen.findByText("50 of 60 customers shown");
  const search = screen.getByRole("searchbox", { name: "Search customers" });
  for (const typed of ["C", "Cu", "Customer 59"]) fireEvent.change(search, { target: { value: typed } });
  expect(await screen.findByText("1 customer, all shown")).toBeDefined();
  expect(screen.getByRole("link", { name: "Customer 59" }).getAttribute("href")).toBe("/customers/c-59");
  expect(api.operations.length).toBe(2);
  fireEvent.change(search, { target: { value: "Nobody" } });
  expect(await screen.findByText('No customer matches "Nobody"')).toBeDefined();
});

const customerPage = (
  <Routes>
    <Route path="customers/:customerId/*" element={<CustomerPage />} />
  </Routes>
);

test("customer: staff see the customer's own figures, and ids to copy", async () => {
  open(customerPage, { customer: CUSTOMER, consumption: CONSUMPTION, usageSeries: SERIES }, "/customers/customer-1");
  expect((await screen.findByTestId("bill-total")).textContent).toBe("$380.01 USD");
  expect(screen.getByRole("heading", { level: 1, name: "Northwind" })).toBeDefined();
  expect(screen.getByRole("button", { name: "Copy customer id" })).toBeDefined();
  expect(screen.getByRole("link", { name: "Events" }).getAttribute("href")).toBe("/customers/customer-1/events");
});

test("customer: an unknown id is said to be one", async () => {
  open(customerPage, { customer: null }, "/customers/nobody");
  expect(await screen.findByText("No such customer")).toBeDefined();
});

test("customer: the subscription tab shows plan and dates", async () => {
  const { subscription } = CONSUMPTION;
  open(customerPage, { customer: { ...CUSTOMER, subscription } }, "/customers/customer-1/subscription");
  expect(await screen.findByText("Runs until it is ended")).toBeDefined();
  expect(screen.getByRole("heading", { name: /Growth version 2/ })).toBeDefined();
});

test("meters: rules are written out", async () => {
  open(<MetersPage />, {
    meters: [
      { ...METERS.requests, allowNegative: true, filters: [{ property: "kind", operator: "IN", values: ["a", "b"] }] },
    ],
  });
  const table = within(await screen.findByRole("table", { name: "Meters" }));
  expect(table.getByText("kind is a or b")).toBeDefined();
  expect(table.getByText("negative quantities allowed")).toBeDefined();
});

test("plans: tiers read in the plan's currency, every decimal shown", async () => {
  const definition = {
    tiers: [
      { upTo: "1000", unitPrice: "0.000000000001" },
      { upTo: null, unitPrice: "0.0004", flatAmount: "5" },
    ],
  };
  const card = { meterKey: "api_requests", model: "GRADUATED", includedQuantity: "10", definition };
  open(<PlansPage />, {
    plans: [{ key: "growth", name: "Growth", latest: { ...CONSUMPTION.subscription.plan, rateCards: [card] } }],
  });
  expect(await screen.findByText("0 to 1,000: $0.000000000001 a unit")).toBeDefined();
  expect(screen.getByText("Above 1,000: $0.0004 a unit and $5.00 flat")).toBeDefined();
});

const apiKey = {
  id: "key-1",
  name: "Backend",
  prefix: "ml_ab",
  scopes: ["USAGE_WRITE"],
  createdAt: "2026-11-01T00:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
};

test("API keys: the secret is shown once and gone when it is put away", async () => {
  open(<ApiKeysPage />, {
    apiKeys: [apiKey],
    createApiKey: { apiKey: { ...apiKey, id: "key-2" }, secret: "ml_secret" },
  });
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Checkout" } });
  fireEvent.click(screen.getByRole("button", { name: "Create key" }));
  expect(await screen.findByText("ml_secret")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(screen.queryByText("ml_secret")).toBeNull();
});

test("API keys: revoking asks once more and then stands in the list", async () => {
  const revokeApiKey = vi.fn<() => object>(() => ({ ...apiKey, revokedAt: "2026-11-23T00:00:00.000Z" }));
  open(<ApiKeysPage />, { apiKeys: [apiKey], revokeApiKey });
  fireEvent.click(await screen.findByRole("button", { name: "Revoke: Backend" }));
  expect(revokeApiKey).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Revoke for good" }));
  expect(await screen.findByText(/^Revoked/)).toBeDefined();
});

test("API keys: a refusal shows the server's words", async () => {
  open(<ApiKeysPage />, {
    apiKeys: [],
    createApiKey: () => {
      throw apiError("BAD_USER_INPUT", "The name is taken.");
    },
  });
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "Checkout" } });
  fireEvent.click(screen.getByRole("button", { name: "Create key" }));
  expect(await screen.findByText("The name is taken.")).toBeDefined();
});
