import { decimal, ONE } from "../decimal.ts";
import type { Aggregation } from "../meter.ts";
import type { PlanDefinition } from "../plan.ts";
import type { LimitDefinition } from "./limit-definition.ts";
import type { LimitedUsage, MoneyTally, UnitTally } from "./limit-tally.ts";

const month = { startAt: Date.UTC(2026, 2), endAt: Date.UTC(2026, 3) };

/** A limit of 10 units in March 2026, of which some are used and held. */
export function unitTally(
  of: { used?: string | null; held?: string; seen?: string[]; latestAt?: number } & Partial<LimitDefinition> & {
      id?: string;
    } = {},
): UnitTally {
  const { used = "0", held = "0", seen = [], latestAt = null, id = "limit", ...definition } = of;
  return {
    kind: "UNITS",
    limit: { id, source: "PLAN", definition: { policy: "HARD", meterKey: "calls", quantity: "10", ...definition } },
    window: month,
    used: used === null ? null : decimal(used),
    held: decimal(held),
    latestAt,
    seen: new Set(seen),
  };
}

/** A limit on the bill of a plan, of which nothing is used. */
export function moneyTally(plan: PlanDefinition, definition: Partial<LimitDefinition> = {}): MoneyTally {
  return {
    kind: "MONEY",
    limit: { id: "money", source: "PLAN", definition: { policy: "HARD", amount: "10.00", ...definition } },
    window: month,
    plan,
    periodShare: ONE,
    usages: new Map(),
    held: new Map(),
    seen: new Set(),
  };
}

/** Usage of the meter `calls`, a SUM without groups. */
export function usageOf(
  quantity: string,
  of: Partial<LimitedUsage> & { aggregation?: Aggregation } = {},
): LimitedUsage {
  return {
    meterKey: "calls",
    aggregation: "SUM",
    quantity: decimal(quantity),
    occurredAt: Date.UTC(2026, 2, 10),
    uniqueValue: null,
    properties: null,
    groupBy: [],
    dimensionValues: null,
    ...of,
  };
}

/** A plan of one card. */
export function planOf(card: object, terms: Partial<PlanDefinition> = {}): PlanDefinition {
  return {
    key: "p",
    name: "P",
    currency: "USD",
    baseAmount: "0",
    interval: "MONTH",
    intervalCount: 1,
    rateCards: [{ meterKey: "calls", ...card } as PlanDefinition["rateCards"][number]],
    ...terms,
  };
}
