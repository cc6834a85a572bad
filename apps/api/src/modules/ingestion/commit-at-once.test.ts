import { decimal } from "@meterline/billing-domain";
import { expect, test } from "vitest";
import type { NewUsageEvent } from "../usage/index.ts";
import { fitsAtOnce } from "./commit-at-once.ts";

const event = (id: string, changed: Partial<NewUsageEvent> = {}): NewUsageEvent => ({
  id,
  customerId: "c",
  billingVersion: 1,
  meterId: "m",
  meter: {
    key: "calls",
    name: "Calls",
    unit: "calls",
    aggregation: "SUM",
    valueProperty: null,
    groupBy: [],
    filters: [],
    allowNegative: false,
    requiresSubscription: false,
    carryOver: false,
    stripeTransport: "NONE",
    stripeEventName: null,
  },
  quantity: decimal("1"),
  quantityText: "1",
  occurredAt: 0,
  receivedAt: 0,
  idempotencyKey: id,
  contentHash: id,
  properties: null,
  uniqueValue: null,
  dimensionKey: null,
  counted: true,
  historical: false,
  late: false,
  period: { startAt: 0, endAt: 1 },
  ...changed,
});

test("a group is recorded at once when each key is there once and nothing stored has to be looked at", () => {
  expect(fitsAtOnce([event("1"), event("2")])).toBe(true);
});

test.each([
  ["a key twice", event("1")],
  ["a distinct value", event("2", { uniqueValue: "u1" })],
  ["a level", event("2", { meter: { ...event("2").meter, aggregation: "WEIGHTED_SUM" } })],
  ["usage of a frozen period", event("2", { late: true })],
])("a group with %s is recorded step by step", (_, second) => {
  expect(fitsAtOnce([event("1"), second])).toBe(false);
});
