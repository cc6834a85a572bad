/** A budget that a member set. */
export const RULE = {
  id: "rule-1",
  customerId: "customer-1",
  kind: "BUDGET",
  basis: "MONEY",
  meterKey: null,
  meter: null,
  limitId: null,
  percents: ["80"],
  quantity: null,
  amount: { amountMinor: "150000", currency: "USD" },
  name: "Marketing",
  source: "MEMBER",
  channels: ["IN_APP", "EMAIL"],
  enabled: true,
  snoozedUntil: null,
  words: "Tells you when the bill reaches 80 % of $1,500.00.",
};
