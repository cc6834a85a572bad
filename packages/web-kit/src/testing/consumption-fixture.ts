/**
 * One customer's November, worked out by hand: 99.00 base fee, 73,402,118 requests of which 10,000,000 are included
 * (50,000,000 x 0.000004 = 200, 13,402,118 x 0.0000025 = 33.505295, together 233.505295, rounded 233.51), 87 of 100
 * users, 19 packages of storage at 2.50 (47.50). Total 380.01.
 */
const usd = (amountMinor: string) => ({ amountMinor, currency: "USD" });

/** The customer of the fixtures, whose days are UTC days. */
export const CUSTOMER = {
  id: "customer-1",
  externalId: "org-1",
  name: "Northwind",
  currency: "USD",
  timeZone: "UTC",
  email: "billing@example.test",
  goLiveAt: "2026-10-01T00:00:00.000Z",
  createdAt: "2026-10-01T00:00:00.000Z",
  subscription: null,
};

const meter = (key: string, name: string, unit: string, aggregation: string, groupBy: string[] = []) => ({
  id: `meter-${key}`,
  key,
  name,
  unit,
  aggregation,
  valueProperty: null,
  groupBy,
  filters: [],
  allowNegative: false,
  requiresSubscription: false,
  carryOver: false,
  createdAt: "2026-10-01T00:00:00.000Z",
});

/** The meters of the fixtures. */
export const METERS = {
  requests: meter("api_requests", "API requests", "requests", "SUM", ["model"]),
  users: meter("active_users", "Active users", "users", "UNIQUE_COUNT"),
  storage: meter("storage_gb", "Storage", "GB", "WEIGHTED_SUM"),
};

const plan = {
  id: "plan-2",
  planKey: "growth",
  version: 2,
  name: "Growth",
  currency: "USD",
  baseFee: usd("9900"),
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [],
  createdAt: "2026-10-01T00:00:00.000Z",
};

const noLimit = { meterKey: "", policy: "NONE", used: "0", limit: null, remaining: null, state: "OK", resetsAt: null };

/** November 2026 as of the 23rd at 14:32 UTC. */
export const CONSUMPTION = {
  customer: CUSTOMER,
  subscription: { id: "sub-1", plan, startsAt: plan.createdAt, endsAt: null, anchorAt: plan.createdAt },
  period: { start: "2026-11-01T00:00:00.000Z", end: "2026-12-01T00:00:00.000Z", state: "OPEN" },
  baseFee: usd("9900"),
  lines: [
    {
      meterKey: "api_requests",
      meter: METERS.requests,
      quantity: "73402118",
      eventCount: "205114",
      hasValue: true,
      includedQuantity: "10000000",
      billableQuantity: "63402118",
      remainingQuantity: "0",
      amount: usd("23351"),
      unroundedAmount: "233.505295",
      model: "GRADUATED",
      limit: noLimit,
      tiers: [
        tier({
          label: "Tier 1",
          from: "0",
          upTo: "50000000",
          quantity: "50000000",
          unitPrice: "0.000004",
          unroundedAmount: "200",
        }),
        tier({
          label: "Tier 2",
          from: "50000000",
          quantity: "13402118",
          unitPrice: "0.0000025",
          unroundedAmount: "33.505295",
        }),
      ],
    },
    {
      meterKey: "active_users",
      meter: METERS.users,
      quantity: "87",
      eventCount: "5120",
      hasValue: true,
      includedQuantity: "100",
      billableQuantity: "0",
      remainingQuantity: "13",
      amount: usd("0"),
      unroundedAmount: "0",
      model: "PER_UNIT",
      limit: noLimit,
      tiers: [],
    },
    {
      meterKey: "storage_gb",
      meter: METERS.storage,
      quantity: "18211.291666666667",
      eventCount: "46",
      hasValue: true,
      includedQuantity: "0",
      billableQuantity: "18211.291666666667",
      remainingQuantity: null,
      amount: usd("4750"),
      unroundedAmount: "47.5",
      model: "PACKAGE",
      limit: noLimit,
      tiers: [tier({ label: "19 packages", quantity: "19", unitPrice: "2.5", unroundedAmount: "47.5" })],
    },
  ],
  adjustments: [] as { label: string; amount: { amountMinor: string; currency: string } }[],
  lateLines: [],
  total: usd("38001"),
  completeThrough: "2026-11-23T14:32:00.000Z",
};

/** Three days of a series: one over, one running, one ahead. */
export const SERIES = {
  meterKey: "api_requests",
  unit: "requests",
  grain: "DAY",
  timeZone: "UTC",
  points: [
    {
      start: "2026-11-22T00:00:00.000Z",
      end: "2026-11-23T00:00:00.000Z",
      quantity: "9007199254740993",
      eventCount: 12,
    },
    { start: "2026-11-23T00:00:00.000Z", end: "2026-11-24T00:00:00.000Z", quantity: "7", eventCount: 1 },
    { start: "2026-11-24T00:00:00.000Z", end: "2026-11-25T00:00:00.000Z", quantity: "0", eventCount: 0 },
  ],
  groups: [],
  total: "9007199254741000",
  completeThrough: "2026-11-23T14:32:00.000Z",
};

function tier(part: Record<string, string>) {
  return { from: null, upTo: null, unitPrice: null, flatAmount: null, ...part };
}
