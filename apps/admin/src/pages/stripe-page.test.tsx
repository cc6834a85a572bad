// @vitest-environment jsdom
import { mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, expect, test } from "vitest";
import { discrepancyWords } from "../features/stripe/discrepancy-words.ts";
import { StripePage } from "./stripe-page.tsx";

afterEach(cleanup);

const pageInfo = { hasNextPage: false, endCursor: null };
const status = {
  isConfigured: true,
  alarm: "WARNING",
  lagSeconds: 3_900,
  oldestDueAt: "2026-03-16T09:00:00Z",
  readsLeft: 9_500,
  untoldLines: 0,
  counts: [
    { state: "PENDING", count: 12 },
    { state: "DEAD", count: 2 },
    { state: "CONFIRMED", count: 900 },
  ],
  deadlines: [{ kind: "IDENTIFIER", at: "2026-03-16T15:00:00Z", hoursLeft: 5, alarm: "WARNING" }],
};
const report = {
  id: "ml_abc",
  customerId: "c-1",
  meterKey: "api_requests",
  periodStart: "2026-03-01T00:00:00Z",
  sequence: 7,
  channel: "EVENTS",
  transport: "V1",
  state: "DEAD",
  delta: "1250.5",
  totalAfter: "9000.5",
  eventAt: "2026-03-16T09:00:00Z",
  attempts: 1,
  firstSentAt: "2026-03-16T09:00:01Z",
  acceptedAt: null,
  doubtfulSince: null,
  nextAttemptAt: null,
  failureCode: "resource_missing",
  failureMessage: "No such customer: 'cus_1'",
  correctsSequence: null,
  deadlines: [],
};

function open(path: string, root: MockRoot) {
  const api = mockApi(root);
  const page = (
    <Routes>
      <Route path="stripe/*" element={<StripePage />} />
    </Routes>
  );
  renderApp(page, { api, path });
  return api;
}

const overview = { reportingStatus: status, reconciliationRuns: [], discrepancies: { nodes: [], pageInfo } };

test("overview: lag, backlog without what is settled, and the nearest deadline in words", async () => {
  open("/stripe", overview);
  expect(await screen.findByText("1 h 5 min")).toBeDefined();
  const figures = screen.getByText("Backlog").closest("div");
  expect(figures?.textContent).toContain("14");
  expect(screen.getByText("5 h left")).toBeDefined();
  expect(screen.getByText(/^Stripe forgets an identifier/)).toBeDefined();
});

test("overview: without a key it says how to connect", async () => {
  open("/stripe", { ...overview, reportingStatus: { ...status, isConfigured: false } });
  expect(await screen.findByText("Stripe is not connected")).toBeDefined();
});

test("reports: a dead letter says why, and is told again only after it was confirmed", async () => {
  const replayed: unknown[] = [];
  const nodes = [report];
  open("/stripe/reports", {
    meterReportsForAttention: () => ({ nodes, pageInfo }),
    replayMeterReports: (args: unknown) => {
      replayed.push(args);
      nodes.splice(0);
      return { replayed: 1, tooOld: 0 };
    },
  });
  expect(await screen.findByText(/No such customer/)).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Replay: report 7" }));
  expect(replayed).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Tell Stripe again" }));
  expect(await screen.findByText("Nothing needs you")).toBeDefined();
  expect(replayed).toEqual([{ ids: ["ml_abc"] }]);
});

test("reports: one in doubt is settled with what was seen", async () => {
  const decided: unknown[] = [];
  open("/stripe/reports", {
    meterReportsForAttention: { nodes: [{ ...report, state: "UNCERTAIN" }], pageInfo },
    decideMeterReport: (args: unknown) => {
      decided.push(args);
      return { ...report, state: "ACCEPTED" };
    },
  });
  fireEvent.click(await screen.findByRole("button", { name: "It was counted: report 7" }));
  const settle = screen.getByRole("button", { name: "Settle as counted" });
  expect((settle as HTMLButtonElement).disabled).toBe(true);
  fireEvent.change(screen.getByRole("textbox", { name: "What you saw at Stripe" }), {
    target: { value: "in the log" },
  });
  fireEvent.click(settle);
  await screen.findByRole("button", { name: "It was counted: report 7" });
  expect(decided).toEqual([{ id: "ml_abc", wasCounted: true, reason: "in the log" }]);
});

test("reconciliation: a discrepancy says how far apart, in units and cents", async () => {
  const discrepancy = {
    id: "d-1",
    kind: "STRIPE_SUMMARY",
    state: "TICKET",
    subject: "api_requests",
    message: "Stripe counted 3 more than it was told",
    customerId: "c-1",
    meterKey: "api_requests",
    periodStart: "2026-03-01T00:00:00Z",
    expectedUnits: "10",
    actualUnits: "13",
    units: "3",
    amount: { amountMinor: "41", currency: "USD" },
    stripeId: "mtr_1",
    statementId: null,
    foundAt: "2026-03-16T09:00:00Z",
    seenAt: "2026-03-16T10:00:00Z",
    settledAt: null,
    settledBy: null,
    reason: null,
  };
  open("/stripe/reconciliation", {
    discrepancies: { nodes: [discrepancy], pageInfo },
    reconciliationRuns: [],
  });
  const row = (await screen.findByText("Stripe counts something else than it accepted")).closest("li") as HTMLElement;
  expect(row.textContent).toContain("3 units");
  expect(row.textContent).toContain("+$0.41");
  expect(within(row).getByRole("button", { name: /^Resolve: / })).toBeDefined();
  expect(within(row).queryByRole("button", { name: /^Invoice it: / })).toBeNull();
});

test("reconciliation: late usage that no open period bills is invoiced or credited from its ticket", async () => {
  const discrepancy = {
    id: "d-2",
    kind: "LATE_USAGE",
    state: "TICKET",
    subject: "api_requests",
    message: "10 more than was billed",
    customerId: "c-1",
    meterKey: "api_requests",
    periodStart: "2026-03-01T00:00:00Z",
    expectedUnits: "20",
    actualUnits: "10",
    units: "-10",
    amount: { amountMinor: "-100", currency: "USD" },
    stripeId: null,
    statementId: null,
    foundAt: "2026-03-16T09:00:00Z",
    seenAt: "2026-03-16T10:00:00Z",
    settledAt: null,
    settledBy: null,
    reason: null,
  };
  open("/stripe/reconciliation", { discrepancies: { nodes: [discrepancy], pageInfo }, reconciliationRuns: [] });
  const row = (await screen.findByText("Late usage that no open period bills")).closest("li") as HTMLElement;
  expect(within(row).getByRole("button", { name: /^Credit it: / })).toBeDefined();
  fireEvent.click(within(row).getByRole("button", { name: /^Invoice it: / }));
  expect(within(row).getByRole("button", { name: /Invoice all that is late/ })).toBeDefined();
});

test("reconciliation: what the next invoice shows is said in words, and a kind that is new as its name", () => {
  expect(discrepancyWords("PREVIEW_EXTRA_LINE")).toBe("The next invoice has a line that is not ours");
  expect(discrepancyWords("NEVER_SEEN")).toBe("Never seen");
});

test("webhooks: what failed can be worked again, and what was turned away is counted", async () => {
  const event = {
    id: "evt_1",
    type: "invoice.created",
    family: "SNAPSHOT",
    objectId: "in_1",
    state: "FAILED",
    attempts: 8,
    deliveries: 2,
    caughtUp: true,
    occurredAt: "2026-03-16T09:00:00Z",
    receivedAt: "2026-03-16T09:00:00Z",
    workedAt: null,
    dueAt: null,
    note: null,
    lastError: "Stripe answered 500",
  };
  open("/stripe/webhooks", {
    stripeWebhookEvents: { nodes: [event], pageInfo },
    stripeEventCatchUp: [
      {
        family: "SNAPSHOT",
        readTo: "2026-03-16T09:00:00Z",
        found: 3,
        foundAt: "2026-03-16T08:00:00Z",
        note: null,
        lastError: null,
        dueAt: null,
      },
    ],
    stripeWebhookRefusals: [
      {
        hour: "2026-03-16T09:00:00Z",
        reason: "BAD_SIGNATURE",
        count: 4,
        lastAt: "2026-03-16T09:30:00Z",
        lastAddress: "::1",
      },
    ],
    retryStripeWebhookEvent: () => ({ ...event, state: "WAITING", lastError: null, attempts: 0 }),
  });
  expect(await screen.findByText("Stripe answered 500")).toBeDefined();
  expect(screen.getByText("4 ×")).toBeDefined();
  expect(screen.getByText("3 caught up from Stripe")).toBeDefined();
  expect(screen.getByText("caught up from Stripe")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Try again: invoice.created evt_1" }));
  fireEvent.click(screen.getByRole("button", { name: "Work it again" }));
  await expect.poll(() => screen.queryByText("Stripe answered 500")).toBeNull();
});

test("catalog: what it would do at Stripe is read before it is done", async () => {
  open("/stripe/catalog", {
    stripeNotices: [],
    stripeCatalogDifference: {
      digest: "d",
      changes: [
        { kind: "ADD", path: "meters.api_requests", summary: "meter API requests, sum" },
        { kind: "RATED_HERE", path: "plans.growth.seats", summary: "stairstep is priced by Meterline" },
      ],
    },
  });
  expect(await screen.findByText("meter API requests, sum")).toBeDefined();
  expect(screen.getByRole("button", { name: "Apply 1 change" })).toBeDefined();
});
