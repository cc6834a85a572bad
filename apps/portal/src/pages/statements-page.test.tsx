// @vitest-environment jsdom
import { apiError, CONSUMPTION, CUSTOMER, METERS, mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, expect, test } from "vitest";
import { StatementsPage } from "./statements-page.tsx";

afterEach(cleanup);

const usd = (amountMinor: string) => ({ amountMinor, currency: "USD" });
const [requests] = CONSUMPTION.lines;
const october = { start: "2026-10-01T00:00:00.000Z", end: "2026-11-01T00:00:00.000Z" };
const september = { start: "2026-09-01T00:00:00.000Z", end: "2026-10-01T00:00:00.000Z" };

const line = (part: object) => ({
  key: "base-fee",
  kind: "BASE_FEE",
  label: "Base fee",
  meter: null,
  ...october,
  quantity: null,
  amount: usd("9900"),
  hasValue: true,
  model: null,
  pricedQuantity: null,
  includedQuantity: "0",
  billableQuantity: "0",
  unroundedAmount: null,
  pricedAmount: null,
  tiers: [],
  billedQuantity: null,
  billedAmount: null,
  ...part,
});
const priced = {
  meter: METERS.requests,
  model: "GRADUATED",
  pricedQuantity: requests?.quantity,
  includedQuantity: requests?.includedQuantity,
  billableQuantity: requests?.billableQuantity,
  unroundedAmount: requests?.unroundedAmount,
  pricedAmount: requests?.amount,
  tiers: requests?.tiers,
};
const statement = {
  id: "statement-1",
  customerId: CUSTOMER.id,
  kind: "PERIOD_END",
  state: "FINAL",
  periodStart: october.start,
  periodEnd: october.end,
  total: usd("33471"),
  issuedAt: "2026-11-01T01:00:00.000Z",
  finalAt: "2026-11-01T01:05:00.000Z",
  acceptedReason: null,
  invoice: {
    stripeInvoiceId: "in_1",
    number: "NW-0002",
    hostedUrl: "https://invoice.example/1",
    pdfUrl: "https://invoice.example/1.pdf",
    status: "open",
    total: usd("33471"),
    amountDue: usd("33471"),
    amountPaid: usd("0"),
    paymentFailed: false,
  },
  // As Stripe has them by now.
  invoiceLinks: { hostedUrl: "https://invoice.example/1?again", pdfUrl: "https://invoice.example/1.pdf?again" },
  lines: [
    line({}),
    line({
      ...priced,
      key: "usage:api_requests",
      kind: "USAGE",
      label: "api_requests",
      quantity: requests?.quantity,
      amount: requests?.amount,
    }),
    line({
      ...priced,
      ...september,
      key: "late:api_requests:2026-09-01",
      kind: "LATE_USAGE",
      label: "api_requests",
      quantity: "402118",
      amount: usd("220"),
      billedQuantity: "73000000",
      billedAmount: usd("23131"),
    }),
  ],
};

function open(root: MockRoot, path = "/statements") {
  const api = mockApi(root);
  renderApp(
    <Routes>
      <Route path="statements/*" element={<StatementsPage customerId={CUSTOMER.id} name={CUSTOMER.name} />} />
    </Routes>,
    { api, path },
  );
  return api;
}
/** As it reads: thin spaces beside a dash are spaces. */
const textOf = (element: Element) => element.textContent?.replaceAll(/\s/g, " ");
const list = (nodes: unknown[], hasNextPage = false) => ({
  statements: { nodes, pageInfo: { hasNextPage, endCursor: hasNextPage ? "next" : null } },
});

test("the list says what each was for, what became of its invoice, and leads to it", async () => {
  open(list([statement, { ...statement, id: "statement-0", kind: "START", state: "PREPARING", invoice: null }]));
  const table = within(await screen.findByRole("table", { name: "Statements" }));
  const rows = table.getAllByRole("row").map((row) => [...row.children].map(textOf));
  expect(rows).toEqual([
    ["Statement", "Issued", "Invoice", "State", "Total"],
    ["Oct 1 – 31, 2026Billing period", "Nov 1, 2026", "NW-0002, open", "Final", "$334.71 USD"],
    ["Oct 1 – 31, 2026Start of the subscription", "Nov 1, 2026", "None", "Being prepared", "$334.71 USD"],
  ]);
  expect(table.getAllByRole("link")[0]?.getAttribute("href")).toBe("/statements/statement-1");
});

test("one statement is its lines and its total as the API states them, and leads to the invoice", async () => {
  open({ statement }, "/statements/statement-1");
  const lines = within(await screen.findByRole("region", { name: "What is charged" }));
  const heads = lines.getAllByRole("listitem").map((row) => textOf(row.querySelector("h3") ?? row));
  expect(heads).toEqual([
    "Base fee $99.00",
    "API requests 73,402,118 requests$233.51",
    "API requests Late usage Sep 1 – 30, 2026402,118 requests+$2.20",
    "Total$334.71 USD",
  ]);
  const link = () => screen.getByRole("link", { name: "Invoice at Stripe" }).getAttribute("href");
  await waitFor(() => expect(link()).toBe("https://invoice.example/1?again"));
  expect(screen.getByText(/Open, \$334\.71 due|Open/)).toBeDefined();
});

test("a late line opens to what its period was billed before, and to how all of it is priced", async () => {
  open({ statement }, "/statements/statement-1");
  const button = await screen.findByRole("button", { name: /Late usage/ });
  fireEvent.click(button);
  expect(button.getAttribute("aria-expanded")).toBe("true");
  expect(
    screen.getByText(
      "This period was closed with 73,000,000 requests for $231.31. With what became known later it is 73,402,118 for $233.51; the difference is billed here.",
    ),
  ).toBeDefined();
  const link = within(button.closest("li") as HTMLElement).getByRole("link", { name: "Events behind this line" });
  expect(link.getAttribute("href")).toContain("from=2026-09-01");
});

test("nothing yet, an unknown one and a failure are told apart", async () => {
  open(list([]));
  expect(await screen.findByText("No statements yet")).toBeDefined();
  cleanup();
  open({ statement: null }, "/statements/unknown");
  expect(await screen.findByText("No such statement")).toBeDefined();
  cleanup();
  open({
    statements: () => {
      throw apiError("INTERNAL");
    },
  });
  expect(await screen.findByRole("button", { name: "Try again" })).toBeDefined();
});
