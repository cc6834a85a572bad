import { type Decimal, decimal, ZERO } from "@meterline/billing-domain";
import type { LegacyAggregate } from "../core/records.ts";
import type { World } from "../core/world.ts";

/** What the usage records of an item come to, from `fromS` (inclusive) to `toS` (exclusive). */
export function legacyQuantity(
  world: World,
  of: { item: string; aggregate: LegacyAggregate; fromS: number; toS: number },
): Decimal {
  const before = world.state.usageRecords
    .by("item", of.item)
    .filter((record) => record.timestampS < of.toS)
    .toSorted((left, right) => left.timestampS - right.timestampS || left.order - right.order);
  const inside = before.filter((record) => record.timestampS >= of.fromS);
  const quantities = inside.map((record) => record.quantity);
  switch (of.aggregate) {
    case "max":
      return decimal(String(Math.max(0, ...quantities)));
    case "last_during_period":
      return decimal(String(inside.at(-1)?.quantity ?? 0));
    case "last_ever":
      return decimal(String(before.at(-1)?.quantity ?? 0));
    default:
      return quantities.reduce((sum, quantity) => sum.plus(decimal(String(quantity))), ZERO);
  }
}
