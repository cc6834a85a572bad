import { type CountedEvent, rollupWindowStart, stateOfEvents, type UsageState } from "@meterline/billing-domain";
import type { NewUsageEvent } from "./new-usage-event.ts";

/** What a group of new events adds to one row of usage_rollup or usage_period_total. */
export type UsageDelta = { event: NewUsageEvent; spanStartAt: number; dimensionKey: string; state: UsageState };

/** One distinct value that events of the group carry in one span. */
export type UniqueValueDelta = {
  event: NewUsageEvent;
  span: "W" | "P";
  spanStartAt: number;
  dimensionKey: string;
  value: string;
  eventCount: number;
};

/** A row of events that share a span, and one event of them that names customer, meter and period. */
type Cell = { event: NewUsageEvent; spanStartAt: number; dimensionKey: string; events: CountedEvent[] };

/** What the events add to rollup windows. Levels of WEIGHTED_SUM meters do not add: their windows are recounted. */
export function rollupDeltas(events: readonly NewUsageEvent[]): UsageDelta[] {
  return fold(
    events.filter((event) => event.meter.aggregation !== "WEIGHTED_SUM"),
    (event) => rollupWindowStart(event.occurredAt),
  );
}

/** What the events add to billing-period totals. */
export function periodDeltas(events: readonly NewUsageEvent[]): UsageDelta[] {
  return fold(events, (event) => event.period.startAt);
}

/** The windows of WEIGHTED_SUM meters that the events fall into, once each. */
export function windowsToRecount(
  events: readonly NewUsageEvent[],
): { customerId: string; meterId: string; windowStartAt: number }[] {
  const windows = new Map<string, { customerId: string; meterId: string; windowStartAt: number }>();
  for (const { customerId, meterId, meter, occurredAt, counted } of events) {
    if (meter.aggregation !== "WEIGHTED_SUM" || !counted) continue;
    const windowStartAt = rollupWindowStart(occurredAt);
    windows.set(`${customerId} ${meterId} ${windowStartAt}`, { customerId, meterId, windowStartAt });
  }
  return [...windows.values()];
}

/** The distinct values that the events bring to their windows and periods. */
export function uniqueValueDeltas(events: readonly NewUsageEvent[]): UniqueValueDelta[] {
  const deltas = new Map<string, UniqueValueDelta>();
  for (const event of events) {
    const value = event.uniqueValue;
    if (value === null || !event.counted) continue;
    const spans = [
      ["W", rollupWindowStart(event.occurredAt)],
      ["P", event.period.startAt],
    ] as const;
    for (const [span, spanStartAt] of spans) {
      for (const dimensionKey of dimensionsOf(event)) {
        const key = JSON.stringify([event.customerId, event.meterId, span, spanStartAt, dimensionKey, value]);
        const known = deltas.get(key);
        if (known) known.eventCount += 1;
        else deltas.set(key, { event, span, spanStartAt, dimensionKey, value, eventCount: 1 });
      }
    }
  }
  return inKeyOrder(deltas);
}

function fold(events: readonly NewUsageEvent[], spanStartOf: (event: NewUsageEvent) => number): UsageDelta[] {
  const cells = new Map<string, Cell>();
  for (const event of events) {
    if (!event.counted) continue;
    const spanStartAt = spanStartOf(event);
    for (const dimensionKey of dimensionsOf(event)) {
      const key = `${event.customerId} ${event.meterId} ${spanStartAt} ${dimensionKey}`;
      const cell = cells.get(key);
      if (cell) cell.events.push(event);
      else cells.set(key, { event, spanStartAt, dimensionKey, events: [event] });
    }
  }
  return inKeyOrder(cells).map(({ event, spanStartAt, dimensionKey, events: folded }) => ({
    event,
    spanStartAt,
    dimensionKey,
    state: stateOfEvents(folded),
  }));
}

/** Rows are locked in the order in which they are sent, and it must be the same in every group. */
function inKeyOrder<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}

/** The meter's own row, and the row of the event's combination of group-by values. */
function dimensionsOf(event: NewUsageEvent): string[] {
  return event.dimensionKey === null ? [""] : ["", event.dimensionKey];
}
