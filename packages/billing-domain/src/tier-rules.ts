import { fieldOf, pathTo } from "./definition-reader.ts";
import { decimalIn } from "./definition-values.ts";
import type { Fault } from "./fault.ts";

/**
 * The rules between tiers. The last one must be open-ended, or a quantity beyond it would have no price; only the last
 * may be, or the ones after it could never be reached; and bounds must rise, so that each tier holds something.
 */
export function checkTiers(json: unknown, path: string, faults: Fault[]): void {
  if (!Array.isArray(json) || json.length === 0) return;
  let below: { text: string; tier: number } | null = null;
  for (const [index, tier] of json.entries()) {
    const bound = fieldOf(tier, "upTo");
    const boundPath = pathTo(pathTo(path, index), "upTo");
    const last = index === json.length - 1;
    if (bound === null && !last) {
      faults.push({ path: boundPath, message: "only the last tier may be open-ended; give this one an upper bound" });
    }
    const upTo = decimalIn(bound);
    if (upTo === null) continue;
    if (last) {
      const message = "the last tier must be open-ended; write null, or add a tier with upTo null after it";
      faults.push({ path: boundPath, message });
    }
    if (below !== null && upTo.lte(decimalIn(below.text) ?? upTo)) {
      const message = `must be more than the ${below.text} of tier ${below.tier}; put the tiers in rising order`;
      faults.push({ path: boundPath, message });
    }
    below = { text: String(bound), tier: index + 1 };
  }
}

/** Refuses a least charge above the greatest: no amount could satisfy both. */
export function checkLeastAndMost(least: string, most: string) {
  return (json: unknown, path: string, faults: Fault[]): void => {
    const low = decimalIn(fieldOf(json, least));
    const high = decimalIn(fieldOf(json, most));
    if (low === null || high === null || low.lte(high)) return;
    faults.push({ path: pathTo(path, least), message: `must not be more than ${most}; lower it or raise ${most}` });
  };
}
