import {
  type CountedEvent,
  customerPeriodAt,
  decimal,
  type Decimal,
  emptyUsageState,
  type EpochMs,
  measure,
  type MeterDefinition,
  type MeterUsage,
  type PlanTerm,
  stateOfEvents,
  type Window,
  ZERO,
} from "@meterline/billing-domain";

/** One event that was sent, as the sender knows it. */
export type BookedUsage = {
  key: string;
  customer: number;
  meterKey: string;
  quantity: string;
  occurredAt: EpochMs;
  properties: Record<string, string> | null;
  /** Set once it was answered RECORDED or DUPLICATE. */
  recorded: { eventId: string; receivedAt: EpochMs } | null;
  voided: boolean;
};

/**
 * What the senders know to have been recorded: the truth that everything else is held against. It counts by
 * `billing-domain` from events alone and reads nothing that the product derived.
 */
export class UsageBook {
  readonly entries: BookedUsage[] = [];
  readonly #meters: ReadonlyMap<string, MeterDefinition>;

  constructor(meters: readonly MeterDefinition[]) {
    this.#meters = new Map(meters.map((meter) => [meter.key, meter]));
  }

  /** Events of a customer that stand. */
  standing(customer: number): BookedUsage[] {
    return this.entries.filter((entry) => entry.customer === customer && entry.recorded !== null && !entry.voided);
  }

  /** What was used of each meter in a window, up to `until` where a level is in force; meters without usage are absent. */
  usages(customer: number, window: Window, until: EpochMs): Map<string, MeterUsage> {
    const byMeter = Map.groupBy(this.standing(customer), (entry) => entry.meterKey);
    const usages = new Map<string, MeterUsage>();
    for (const [meterKey, entries] of byMeter) {
      const meter = this.#meters.get(meterKey);
      if (meter === undefined) throw new Error(`no meter ${meterKey}`);
      const usage = usageOf(meter, entries, window, until);
      if (usage !== null) usages.set(meterKey, usage);
    }
    return usages;
  }

  /** What a meter counted in a window; zero where nothing was measured. */
  quantity(customer: number, meterKey: string, window: Window, until: EpochMs): Decimal {
    return this.usages(customer, window, until).get(meterKey)?.quantity ?? ZERO;
  }

  /** Every billing period of a customer that usage which stands falls into, by start. */
  periods(customer: number, terms: readonly PlanTerm[]): Window[] {
    const found = new Map<EpochMs, Window>();
    for (const entry of this.standing(customer)) {
      const { window } = customerPeriodAt(terms, entry.occurredAt);
      found.set(window.startAt, window);
    }
    return [...found.values()].toSorted((left, right) => left.startAt - right.startAt);
  }
}

function usageOf(
  meter: MeterDefinition,
  entries: readonly BookedUsage[],
  window: Window,
  until: EpochMs,
): MeterUsage | null {
  const inside = entries.filter((entry) => entry.occurredAt >= window.startAt && entry.occurredAt < window.endAt);
  if (meter.aggregation === "WEIGHTED_SUM") return levelUsage(meter, entries, window, until);
  if (inside.length === 0) return null;
  const quantity = measured(meter, inside, window);
  const usage = { quantity, eventCount: BigInt(inside.length) };
  if (meter.groupBy.length === 0) return usage;
  const groups = Map.groupBy(inside, (entry) =>
    JSON.stringify(meter.groupBy.map((name) => entry.properties?.[name] ?? "")),
  );
  const byDimension = [...groups].map(([key, group]) => ({
    values: JSON.parse(key) as string[],
    quantity: measured(meter, group, window) ?? ZERO,
  }));
  return { ...usage, groupBy: meter.groupBy, byDimension };
}

function measured(meter: MeterDefinition, entries: readonly BookedUsage[], window: Window): Decimal | null {
  return measure(meter.aggregation, stateOfEvents(entries.map(counted)), { window, levelBefore: null });
}

/** A level counts from before the window, where the meter carries over, and up to now. */
function levelUsage(
  meter: MeterDefinition,
  entries: readonly BookedUsage[],
  window: Window,
  until: EpochMs,
): MeterUsage | null {
  const elapsed = { startAt: window.startAt, endAt: Math.max(window.startAt, Math.min(window.endAt, until)) };
  const before = stateOfEvents(entries.filter((entry) => entry.occurredAt < elapsed.startAt).map(counted));
  const inside = entries.filter((entry) => entry.occurredAt >= elapsed.startAt && entry.occurredAt < elapsed.endAt);
  const state = inside.length === 0 ? emptyUsageState() : stateOfEvents(inside.map(counted));
  const levelBefore = meter.carryOver ? (before.latest?.quantity ?? null) : null;
  const quantity = measure("WEIGHTED_SUM", state, { window: elapsed, levelBefore });
  if (inside.length === 0 && (quantity === null || quantity.eq(ZERO))) return null;
  return { quantity, eventCount: BigInt(inside.length) };
}

function counted(entry: BookedUsage): CountedEvent {
  return {
    quantity: entry.properties?.["user"] === undefined ? decimal(entry.quantity) : decimal("1"),
    occurredAt: entry.occurredAt,
    receivedAt: entry.recorded?.receivedAt ?? entry.occurredAt,
    uniqueValue: entry.properties?.["user"] ?? null,
  };
}
