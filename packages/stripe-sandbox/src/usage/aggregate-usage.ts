import { type Decimal, decimal, ZERO } from "@meterline/billing-domain";
import type { UsageFact } from "../core/usage-ledger.ts";
import type { World } from "../core/world.ts";

const WINDOW_S: Readonly<Record<string, number>> = { hour: 3_600, day: 86_400 };

/**
 * What a meter says of a customer from `fromS` (inclusive) to `toS` (exclusive); null when no event is there. A meter
 * with an event time window keeps only the event received last in each UTC hour or day.
 */
export function aggregateUsage(
  world: World,
  of: { meter: string; customer: string; fromS: number; toS: number },
): Decimal | null {
  const meter = world.state.meters.get(of.meter)?.wire;
  if (!meter) return null;
  const inside = world.state.usage
    .factsOf(of.meter, of.customer)
    .filter((fact) => fact.timestampS >= of.fromS && fact.timestampS < of.toS);
  const windowS = WINDOW_S[meter.event_time_window ?? ""];
  const counted = windowS === undefined ? inside : latestOfWindows(inside, windowS);
  const [first] = counted;
  if (!first) return null;
  switch (meter.default_aggregation.formula) {
    case "count":
      return decimal(String(counted.length));
    case "last":
      return decimal(counted.reduce(laterFact, first).value);
    default:
      return counted.reduce((sum, fact) => sum.plus(decimal(fact.value)), ZERO);
  }
}

function latestOfWindows(facts: readonly UsageFact[], windowS: number): UsageFact[] {
  const latest = new Map<number, UsageFact>();
  for (const fact of facts) {
    const window = Math.floor(fact.timestampS / windowS);
    const known = latest.get(window);
    if (!known || fact.order > known.order) latest.set(window, fact);
  }
  return [...latest.values()];
}

function laterFact(left: UsageFact, right: UsageFact): UsageFact {
  if (left.timestampS !== right.timestampS) return left.timestampS > right.timestampS ? left : right;
  return left.order > right.order ? left : right;
}
