import type { EpochMs } from "../window.ts";
import { type LimitDefinition, limitScopeKey } from "./limit-definition.ts";

/** Where a limit comes from: the plan, a limit of this customer's own, or an override that staff gave it for a time. */
export type LimitSource = "PLAN" | "CUSTOMER" | "OVERRIDE";

/** A limit that holds for a customer. `id` names it for as long as it exists. */
export type LimitInForce = { id: string; source: LimitSource; definition: LimitDefinition };

/** A limit of one customer's own: `startsAt` inclusive, `endsAt` exclusive, null while it has no end. */
export type CustomerLimit = LimitInForce & {
  source: "CUSTOMER" | "OVERRIDE";
  startsAt: EpochMs;
  endsAt: EpochMs | null;
};

/** The limits of a plan's version; `idOf` gives each a name of its own, from its place in the plan. */
export function planLimitsInForce(limits: readonly LimitDefinition[], idOf: (index: number) => string): LimitInForce[] {
  return limits.map((definition, index) => ({ id: idOf(index), source: "PLAN", definition }));
}

/**
 * The limits that hold at an instant. An override stands in place of every other limit of its scope, for as long as it
 * lasts; of several the one that began last. All others hold together, and the strictest decides.
 */
export function limitsInForce(
  planLimits: readonly LimitInForce[],
  customerLimits: readonly CustomerLimit[],
  at: EpochMs,
): LimitInForce[] {
  const standing = customerLimits.filter((one) => one.startsAt <= at && (one.endsAt === null || at < one.endsAt));
  const overrides = new Map<string, CustomerLimit>();
  for (const one of standing) {
    if (one.source !== "OVERRIDE") continue;
    const key = limitScopeKey(one.definition);
    const other = overrides.get(key);
    if (other === undefined || startedLater(one, other)) overrides.set(key, one);
  }
  const others = [...planLimits, ...standing.filter((one) => one.source === "CUSTOMER")];
  // Asked for every event, and nearly no customer has an override.
  if (overrides.size === 0) return others;
  return [...others.filter((one) => !overrides.has(limitScopeKey(one.definition))), ...overrides.values()];
}

function startedLater(one: CustomerLimit, other: CustomerLimit): boolean {
  return one.startsAt > other.startsAt || (one.startsAt === other.startsAt && one.id > other.id);
}
