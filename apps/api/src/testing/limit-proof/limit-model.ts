/**
 * What limits promise, written a second time and as simply as can be: whole numbers, everything summed anew from a list
 * of what was recorded. It shares nothing with the code that decides but the words.
 */
export type ModelLimit = {
  id: string;
  meter: string | null;
  bound: bigint;
  /** Window of an instant, as text; for money the week that the bill is of. */
  windowOf: (at: number) => string;
  property: { name: string; value: string } | null;
  /** Cents of a bill with so many units of the meter `calls`; null for a limit in units. */
  centsOf: ((calls: bigint) => bigint) | null;
};

export type ModelUsage = { key: string; meter: string; units: bigint; at: number; properties: Record<string, unknown> };
type ModelHold = ModelUsage & { expiresAt: number; state: "HELD" | "COMMITTED" | "RELEASED" | "EXPIRED" };

/** How an ask ended, and by how much room there was. */
export type ModelVerdict = { fits: boolean; why: string };

/** The state of one customer, replayed decision by decision. */
export class LimitModel {
  readonly limits = new Map<string, ModelLimit>();
  readonly recorded = new Map<string, ModelUsage & { voided: boolean }>();
  readonly holds = new Map<string, ModelHold>();

  expire(now: number): void {
    for (const hold of this.holds.values()) if (hold.state === "HELD" && hold.expiresAt <= now) hold.state = "EXPIRED";
  }

  /** Whether usage may be recorded (or held), with so much given back in the same stroke and so much promised. */
  judge(ask: ModelUsage, of: { given?: ModelHold; promised?: bigint } = {}): ModelVerdict {
    if (of.promised !== undefined && ask.units <= of.promised) return { fits: true, why: "promised" };
    for (const limit of this.limits.values()) {
      if (!counts(limit, ask)) continue;
      const before = this.taken(limit, ask.at);
      const after = this.taken(limit, ask.at, { ...ask, minus: of.given });
      if (after > limit.bound && after > before) return { fits: false, why: `${limit.id}: ${before} → ${after}` };
    }
    return { fits: true, why: "" };
  }

  /** What is used and held of a limit around an instant; units, or cents. */
  taken(limit: ModelLimit, at: number, more?: ModelUsage & { minus?: ModelHold | undefined }): bigint {
    const window = limit.windowOf(at);
    const inside = (one: ModelUsage) => counts(limit, one) && limit.windowOf(one.at) === window;
    let units = 0n;
    for (const one of this.recorded.values()) if (!one.voided && inside(one)) units += one.units;
    for (const one of this.holds.values())
      if (one.state === "HELD" && one !== more?.minus && inside(one)) units += one.units;
    if (more !== undefined) units += more.units;
    return limit.centsOf === null ? units : limit.centsOf(units);
  }
}

function counts(limit: ModelLimit, usage: ModelUsage): boolean {
  if (limit.meter !== null && limit.meter !== usage.meter) return false;
  // The plan of the proof prices calls and nothing else.
  if (limit.meter === null && usage.meter !== "calls") return false;
  return limit.property === null || usage.properties[limit.property.name] === limit.property.value;
}
