// @vitest-environment jsdom
import { apiError, CUSTOMER, METERS, mockApi, type MockRoot, renderApp } from "@meterline/web-kit/testing";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { EventsPage } from "./events-page.tsx";

afterEach(cleanup);

type Page = { first: number; after?: string | null };

const event = (index: number, part: object = {}) => ({
  id: `event-${index}`,
  kind: "USAGE",
  customerId: CUSTOMER.id,
  meterKey: "api_requests",
  quantity: String(1000 + index),
  occurredAt: "2026-11-23T10:00:00.250Z",
  receivedAt: "2026-11-23T10:00:01.000Z",
  idempotencyKey: `key-${index}`,
  properties: {},
  historical: false,
  voidsEventId: null,
  voidedByEventId: null,
  reason: null,
  ...part,
});

const pages =
  (all: readonly unknown[]) =>
  ({ first, after }: Page) => {
    const start = after == null ? 0 : Number(after);
    const end = start + first;
    return { nodes: all.slice(start, end), pageInfo: { hasNextPage: end < all.length, endCursor: String(end) } };
  };

function open(root: MockRoot, path = "/events") {
  const api = mockApi({ meters: Object.values(METERS), ...root });
  renderApp(<EventsPage customerId={CUSTOMER.id} />, { api, path });
  return api;
}

test("a long list comes page by page, each event once", async () => {
  open({ usageEvents: pages(Array.from({ length: 70 }, (_, index) => event(index))) });
  const table = within(await screen.findByRole("table", { name: "Usage events" }));
  expect(table.getAllByRole("row").length).toBe(51);
  expect(screen.getByText("50 events shown")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Load more" }));
  expect(await screen.findByText("70 events, all shown")).toBeDefined();
  expect(table.getAllByRole("row").length).toBe(71);
  expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
});

test("an event opens to its ids, instants and properties", async () => {
  open({ usageEvents: pages([event(7, { properties: { model: "large", cached: false } })]) });
  fireEvent.click(await screen.findByRole("button", { name: "Show details of event 1" }));
  expect(screen.getByText("event-7")).toBeDefined();
  expect(screen.getAllByText(/10:00:00\.250 UTC/).length).toBe(1);
  expect(screen.getByText('"large"')).toBeDefined();
  expect(screen.getByRole("button", { name: "Copy event id" })).toBeDefined();
});

test("an event taken back and the one that takes it back both say so", async () => {
  open({
    usageEvents: pages([
      event(2, { kind: "VOID", voidsEventId: "event-1", reason: "Sent twice" }),
      event(1, { voidedByEventId: "event-2" }),
    ]),
  });
  expect((await screen.findAllByText("Takes back")).length).toBeGreaterThan(0);
  expect(screen.getAllByText("Taken back").length).toBeGreaterThan(0);
  fireEvent.click(screen.getByRole("button", { name: "Show details of event 1" }));
  expect(screen.getByText("Sent twice")).toBeDefined();
});

test("the filter in the address is what is asked for", async () => {
  const api = open(
    { usageEvents: pages([event(1)]) },
    "/events?meter=storage_gb&from=2026-11-22T00:00:00.000Z&to=2026-11-23T00:00:00.000Z&key=k",
  );
  await screen.findByRole("table", { name: "Usage events" });
  expect(api.operations[0]?.variables).toEqual({
    customerId: "customer-1",
    meterKey: "storage_gb",
    from: "2026-11-22T00:00:00.000Z",
    to: "2026-11-23T00:00:00.000Z",
    idempotencyKey: "k",
    first: 50,
  });
  expect((screen.getByLabelText("From") as HTMLInputElement).value).toBe("2026-11-22");
  expect((screen.getByLabelText("To, included") as HTMLInputElement).value).toBe("2026-11-22");
});

test("a last day that is chosen is included: the exclusive end is the day after", async () => {
  const api = open({ usageEvents: pages([event(1)]) });
  await screen.findByRole("table", { name: "Usage events" });
  fireEvent.change(screen.getByLabelText("To, included"), { target: { value: "2026-11-30" } });
  await screen.findByRole("button", { name: "Clear" });
  await screen.findByRole("table", { name: "Usage events" });
  expect(api.operations.at(-1)?.variables).toMatchObject({ to: "2026-12-01T00:00:00.000Z" });
});

test("a date that is being typed stays in its field, and is asked for once its year is whole", async () => {
  const api = open({ usageEvents: pages([event(1)]) });
  await screen.findByRole("table", { name: "Usage events" });
  const from = screen.getByLabelText<HTMLInputElement>("From");
  fireEvent.change(from, { target: { value: "0202-11-20" } });
  expect(from.value).toBe("0202-11-20");
  expect(screen.queryByRole("button", { name: "Clear" })).toBeNull();
  fireEvent.change(from, { target: { value: "2026-11-20" } });
  fireEvent.click(await screen.findByRole("button", { name: "Clear" }));
  await vi.waitFor(() => expect(from.value).toBe(""));
  const asked = api.operations
    .map(({ variables }) => (variables as { from?: string | null }).from)
    .filter((at) => at != null);
  expect(asked).toEqual(["2026-11-20T00:00:00.000Z"]);
});

test("nothing recorded and nothing found are told apart", async () => {
  open({ usageEvents: pages([]) });
  expect(await screen.findByText("No events yet")).toBeDefined();
  cleanup();
  open({ usageEvents: pages([]) }, "/events?key=unknown");
  expect(await screen.findByText("No event passes these filters")).toBeDefined();
});

test("a failure keeps the filters and offers another try", async () => {
  open({
    usageEvents: () => {
      throw apiError("INTERNAL");
    },
  });
  expect(await screen.findByRole("button", { name: "Try again" })).toBeDefined();
  expect(screen.getByLabelText("Meter")).toBeDefined();
});
