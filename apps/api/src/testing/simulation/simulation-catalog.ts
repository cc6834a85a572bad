/** A meter of every aggregation, and plans with what Stripe can price and what it cannot. */
export const simulationCatalog = {
  meters: [
    { key: "calls", name: "Calls", unit: "calls", aggregation: "SUM" },
    { key: "credits", name: "Credits", unit: "credits", aggregation: "SUM", allowNegative: true },
    { key: "jobs", name: "Jobs", unit: "jobs", aggregation: "COUNT" },
    { key: "peak", name: "Peak", unit: "connections", aggregation: "MAX" },
    { key: "storage", name: "Storage", unit: "GB", aggregation: "LATEST" },
    { key: "users", name: "Users", unit: "users", aggregation: "UNIQUE_COUNT", valueProperty: "user" },
    { key: "seats", name: "Seats", unit: "seat hours", aggregation: "WEIGHTED_SUM", carryOver: true },
    { key: "tokens", name: "Tokens", unit: "tokens", aggregation: "SUM", groupBy: ["model"] },
  ],
  plans: [
    {
      key: "team",
      name: "Team",
      currency: "USD",
      baseAmount: "20.00",
      interval: "MONTH",
      intervalCount: 1,
      rateCards: [
        {
          meterKey: "calls",
          model: "GRADUATED",
          includedQuantity: "100",
          tiers: [
            { upTo: "1000", unitPrice: "0.011" },
            { upTo: null, unitPrice: "0.005" },
          ],
        },
        { meterKey: "jobs", model: "PACKAGE", packageSize: "5", packagePrice: "1.25" },
        { meterKey: "peak", model: "PER_UNIT", unitPrice: "2.005" },
        { meterKey: "seats", model: "PER_UNIT", unitPrice: "0.0137" },
        {
          meterKey: "tokens",
          model: "MATRIX",
          properties: ["model"],
          cells: [{ values: ["large"], unitPrice: "0.03" }],
          defaultUnitPrice: "0.002",
        },
      ],
    },
    {
      key: "sprint",
      name: "Sprint",
      currency: "USD",
      baseAmount: "7.50",
      interval: "WEEK",
      intervalCount: 1,
      rateCards: [
        {
          meterKey: "calls",
          model: "VOLUME",
          tiers: [
            { upTo: "500", unitPrice: "0.02" },
            { upTo: null, unitPrice: "0.0125", flatAmount: "1.00" },
          ],
        },
        { meterKey: "credits", model: "PER_UNIT", unitPrice: "0.1" },
        { meterKey: "users", model: "PER_UNIT", unitPrice: "1.5" },
        { meterKey: "storage", model: "PER_UNIT", unitPrice: "0.333", minimumAmount: "0.50" },
      ],
    },
  ],
};

/** The plans by key. */
export const planKeys = ["team", "sprint"] as const;
export type PlanKey = (typeof planKeys)[number];

/** The meters that a plan prices; usage of others is counted and owes nothing. */
export const metersOfPlan: Readonly<Record<PlanKey, readonly string[]>> = {
  team: ["calls", "jobs", "peak", "seats", "tokens"],
  sprint: ["calls", "credits", "users", "storage"],
};
