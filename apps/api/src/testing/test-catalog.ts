/** A meter of every aggregation, and plans to price them by. */
export const testCatalog = {
  meters: [
    { key: "calls", name: "Calls", unit: "calls", aggregation: "SUM", groupBy: ["model", "region"] },
    { key: "units", name: "Units", unit: "units", aggregation: "SUM", allowNegative: true },
    { key: "events", name: "Events", unit: "events", aggregation: "COUNT" },
    { key: "peak", name: "Peak", unit: "connections", aggregation: "MAX" },
    { key: "latest", name: "Latest", unit: "GB", aggregation: "LATEST" },
    { key: "users", name: "Users", unit: "users", aggregation: "UNIQUE_COUNT", valueProperty: "user" },
    { key: "seats", name: "Seats", unit: "seats", aggregation: "WEIGHTED_SUM", carryOver: true },
    { key: "leases", name: "Leases", unit: "leases", aggregation: "WEIGHTED_SUM" },
    {
      key: "paid",
      name: "Paid",
      unit: "dollars",
      aggregation: "SUM",
      valueProperty: "amount",
      filters: [{ property: "status", operator: "IN", values: ["settled"] }],
    },
    { key: "bound", name: "Bound", unit: "calls", aggregation: "SUM", requiresSubscription: true },
  ],
  plans: [
    {
      key: "standard",
      name: "Standard",
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
            { upTo: "1000", unitPrice: "0.01" },
            { upTo: null, unitPrice: "0.005" },
          ],
        },
        { meterKey: "peak", model: "PER_UNIT", unitPrice: "2" },
        { meterKey: "seats", model: "PER_UNIT", unitPrice: "0.5" },
      ],
    },
    {
      key: "weekly",
      name: "Weekly",
      currency: "USD",
      baseAmount: "5.00",
      interval: "WEEK",
      intervalCount: 1,
      rateCards: [{ meterKey: "calls", model: "PER_UNIT", unitPrice: "0.1" }],
    },
  ],
};
