// @vitest-environment jsdom
import {
  ALERT,
  CUSTOMER,
  LIMITS,
  LOOKING_MEMBER,
  METERS,
  mockApi,
  PROJECTION,
  renderApp,
  RULE,
} from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { AlertRulesPage } from "./alert-rules-page.tsx";
import { LimitsPage } from "./limits-page.tsx";
import { WebhooksPage } from "./webhooks-page.tsx";

afterEach(cleanup);

const viewer = LOOKING_MEMBER;
const customerId = CUSTOMER.id;
const budget = { ...RULE, id: "rule-2", kind: "BUDGET", source: "MEMBER", name: "Ten dollars" };
const base = {
  meters: Object.values(METERS),
  limits: [LIMITS.hard],
  alertRules: [RULE, budget],
  projection: PROJECTION,
};
const buttons = () => screen.queryAllByRole("button").map((button) => button.textContent);

test("a member who may only look reads the webhooks and their log, and is offered nothing that is refused", async () => {
  const endpoint = { id: "e-1", customerId, url: "https://hooks.example.test/a", description: "", state: "PAUSED" };
  const stored = { ...endpoint, pauseReason: "It answered 410 Gone.", failingSince: null, createdAt: ALERT.crossedAt };
  const alertDeliveries = { nodes: [ALERT.deliveries[1]], pageInfo: { hasNextPage: false } };
  const api = mockApi({ webhookEndpoints: [stored], alertDeliveries });
  renderApp(<WebhooksPage customerId={customerId} />, { api, viewer });
  expect(await screen.findByText("Only an owner may change webhooks; you may look at all of it.")).toBeDefined();
  expect(buttons()).toEqual(["Log"]);
  fireEvent.click(screen.getByRole("button", { name: `Log of ${endpoint.url}` }));
  expect(await screen.findByText(/refused \(500\)/)).toBeDefined();
});

test("… reads the rules and how they are told", async () => {
  const alertSettings = { quietHours: { from: "22:00", to: "07:00" }, snoozedUntil: null, defaultForecast: true };
  renderApp(<AlertRulesPage customerId={customerId} />, { api: mockApi({ ...base, alertSettings }), viewer });
  expect(await screen.findByText(/^Only an owner may change rules/)).toBeDefined();
  expect(screen.queryByRole("button", { name: /Snooze|Switch|Change|Remove|Save|Make/ })).toBeNull();
  for (const box of screen.getAllByRole<HTMLInputElement>("checkbox")) expect(box.disabled).toBe(true);
});

test("… reads the limits and budgets", async () => {
  renderApp(<LimitsPage customerId={customerId} />, { api: mockApi(base), viewer });
  expect(await screen.findByText(/^Only an owner may change budgets/)).toBeDefined();
  expect(screen.getByRole("heading", { name: "Ten dollars" })).toBeDefined();
  expect(screen.queryByRole("button", { name: /Snooze|Switch|Change|Remove|Set budget/ })).toBeNull();
});
