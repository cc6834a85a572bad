import { type Bill, decimal, parsePlanDefinition, rateBill } from "./index.ts";

/** The bill of 1,600.5 calls on a plan of 20 dollars with 100 calls included. */
export function exampleBill(): Bill {
  const parsed = parsePlanDefinition({
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
    ],
  });
  if (!parsed.ok) throw new Error(parsed.faults.map((fault) => `${fault.path} ${fault.message}`).join("\n"));
  return rateBill(parsed.plan, new Map([["calls", { quantity: decimal("1600.5"), eventCount: 2n }]]));
}
