// @vitest-environment jsdom
import { ALERT, apiError, CUSTOMER, mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { WebhooksPage } from "./webhooks-page.tsx";

afterEach(cleanup);

const endpoint = {
  id: "endpoint-1",
  customerId: CUSTOMER.id,
  url: "https://hooks.example.test/meterline",
  description: "Pages whoever is on call",
  state: "ACTIVE",
  pauseReason: null,
  failingSince: null,
  createdAt: "2026-11-01T00:00:00.000Z",
};
const secret = "whsec_abc";

function open(root: MockRoot) {
  const api = mockApi({ webhookEndpoints: [endpoint], ...root });
  renderApp(<WebhooksPage customerId={CUSTOMER.id} />, { api });
  return api;
}

test("an address is added, and its secret shown this once", async () => {
  const createWebhookEndpoint = vi.fn<(args: unknown) => unknown>(() => ({ secret, endpoint }));
  const api = open({ webhookEndpoints: [], createWebhookEndpoint });
  expect(await screen.findByText("No webhooks")).toBeDefined();
  fireEvent.change(screen.getByLabelText("Address"), { target: { value: ` ${endpoint.url} ` } });
  fireEvent.click(screen.getByRole("button", { name: "Add webhook" }));
  expect(await screen.findByText(secret)).toBeDefined();
  expect(createWebhookEndpoint.mock.calls[0]?.[0]).toMatchObject({
    input: { customerId: CUSTOMER.id, url: endpoint.url, description: "" },
  });
  fireEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(screen.queryByText(secret)).toBeNull();
  expect(JSON.stringify(api.client.cache.extract())).not.toContain(secret);
});

test("an address that is refused is told at the field", async () => {
  const refusal = apiError("BAD_USER_INPUT", "The address is not public.", "url");
  open({ createWebhookEndpoint: () => Promise.reject(refusal) });
  fireEvent.change(await screen.findByLabelText("Address"), { target: { value: "https://127.0.0.1/" } });
  fireEvent.click(screen.getByRole("button", { name: "Add webhook" }));
  expect(await screen.findByText("The address is not public.")).toBeDefined();
});

test("a test opens the log, which shows each attempt and its answer", async () => {
  const testWebhookEndpoint = vi.fn<() => unknown>(() => ALERT.deliveries[1]);
  open({ testWebhookEndpoint, alertDeliveries: { nodes: [ALERT.deliveries[1]], pageInfo: { hasNextPage: false } } });
  fireEvent.click(await screen.findByRole("button", { name: `Send a test to ${endpoint.url}` }));
  const log = within(await screen.findByRole("region", { name: `Log of ${endpoint.url}` }));
  expect(await log.findByText(/refused \(500\)/)).toBeDefined();
  expect(log.getByText("API requests: 80% of the limit")).toBeDefined();
});

test("a new secret is shown once; a paused address says why and is resumed; one is removed after asking", async () => {
  const paused = { ...endpoint, state: "PAUSED", pauseReason: "Every attempt failed for 3 days." };
  const resumeWebhookEndpoint = vi.fn<() => unknown>(() => endpoint);
  const deleteWebhookEndpoint = vi.fn<() => unknown>(() => endpoint);
  const rotateWebhookSecret = () => ({ secret, endpoint });
  open({ webhookEndpoints: [paused], resumeWebhookEndpoint, deleteWebhookEndpoint, rotateWebhookSecret });
  expect(await screen.findByText("Every attempt failed for 3 days.")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: `New secret for ${endpoint.url}` }));
  expect(await screen.findByText(secret)).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: `Resume ${endpoint.url}` }));
  await vi.waitFor(() => expect(resumeWebhookEndpoint).toHaveBeenCalled());
  fireEvent.click(screen.getByRole("button", { name: `Remove: ${endpoint.url}` }));
  expect(deleteWebhookEndpoint).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Remove for good" }));
  await vi.waitFor(() => expect(deleteWebhookEndpoint).toHaveBeenCalled());
});
