import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimal, formatDecimal } from "./decimal.ts";
import { measure } from "./measure.ts";
import { AGGREGATIONS } from "./meter.ts";
import { type CountedEvent, emptyUsageState, mergeUsageStates, stateOfEvents, type UsageState } from "./usage-state.ts";

const hour = 3_600_000;
const window = { startAt: 0, endAt: 24 * hour };
const event = (quantity: string, occurredAt: number, more: Partial<CountedEvent> = {}): CountedEvent => ({
  quantity: decimal(quantity),
  occurredAt,
  receivedAt: occurredAt,
  ...more,
});
const measured = (
  aggregation: (typeof AGGREGATIONS)[number],
  events: CountedEvent[],
  levelBefore: string | null = null,
) => {
  const value = measure(aggregation, stateOfEvents(events), {
    window,
    levelBefore: levelBefore === null ? null : decimal(levelBefore),
  });
  return value === null ? null : formatDecimal(value);
};
/** A state as text, so that equal states compare equal. */
const shown = (state: UsageState) =>
  JSON.stringify(
    { ...state, uniqueValues: state.uniqueValues === null ? null : [...state.uniqueValues].sort() },
    (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value),
  );

describe("aggregations", () => {
  const events = [event("5", 2 * hour), event("2", 4 * hour), event("8", 3 * hour)];

  it.each([
    ["SUM", "15"],
    ["COUNT", "3"],
    ["MAX", "8"],
    ["LATEST", "2"],
    ["UNIQUE_COUNT", "0"],
    // 5 for an hour, 8 for an hour, then 2 for the 20 hours that are left: 5 + 8 + 40.
    ["WEIGHTED_SUM", "53"],
  ] as const)("%s of 5 at 2 h, 8 at 3 h and 2 at 4 h is %s", (aggregation, expected) => {
    expect(measured(aggregation, events)).toBe(expected);
  });

  it("nothing measured: sums and counts are 0, MAX and LATEST have no value", () => {
    expect(AGGREGATIONS.map((aggregation) => measured(aggregation, []))).toEqual(["0", "0", null, null, "0", "0"]);
  });

  it("LATEST: of one time the later receipt stands, then the greater", () => {
    expect(measured("LATEST", [event("9", hour, { receivedAt: 2 }), event("1", hour, { receivedAt: 3 })])).toBe("1");
    expect(measured("LATEST", [event("9", hour), event("1", hour)])).toBe("9");
  });

  it("UNIQUE_COUNT counts each distinct value once", () => {
    expect(
      measured(
        "UNIQUE_COUNT",
        ["a", "b", "a"].map((uniqueValue, at) => event("1", at, { uniqueValue })),
      ),
    ).toBe("2");
  });

  it("a level carries over from before the window, until the first one in it", () => {
    expect(measured("WEIGHTED_SUM", [], "3")).toBe("72");
    expect(measured("WEIGHTED_SUM", [event("0", 10 * hour)], "3")).toBe("30");
  });

  it("a level that was set again at the same instant counts for no time", () => {
    expect(
      measured("WEIGHTED_SUM", [event("100", 4 * hour, { receivedAt: 1 }), event("1", 4 * hour, { receivedAt: 2 })]),
    ).toBe("20");
  });

  it("time weights are rounded half up at the twelfth decimal", () => {
    // 1 held for 1 ms is 1/3,600,000 of an hour: 0.000000277777…
    expect(measured("WEIGHTED_SUM", [event("1", 0), event("0", 1)])).toBe("0.000000277778");
  });
});

const anyEvent = fc
  .record({
    quantity: fc.constantFrom("0", "1", "2.5", "-3", "1000000000000", "0.000000000001"),
    occurredAt: fc.integer({ min: 0, max: 200 }),
    receivedAt: fc.integer({ min: 0, max: 3 }),
    uniqueValue: fc.constantFrom(null, "a", "b"),
  })
  .map((one) => ({ ...one, quantity: decimal(one.quantity) }));

describe("states", () => {
  it("do not depend on the order of events", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        expect(shown(stateOfEvents(events.toReversed()))).toBe(shown(stateOfEvents(events)));
      }),
    );
  });

  it("merged over windows in time order are the state of all events, however they are cut", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 15 }), fc.integer({ min: 1, max: 50 }), (events, length) => {
        const parts: UsageState[] = [];
        for (let from = 0; from <= 200; from += length) {
          parts.push(stateOfEvents(events.filter((one) => one.occurredAt >= from && one.occurredAt < from + length)));
        }
        const leftFirst = parts.reduce(mergeUsageStates, emptyUsageState());
        const rightFirst = parts.reduceRight((later, earlier) => mergeUsageStates(earlier, later), emptyUsageState());
        expect(shown(leftFirst)).toBe(shown(stateOfEvents(events)));
        expect(shown(rightFirst)).toBe(shown(leftFirst));
      }),
    );
  });

  it("all but levels merge in any order, also of windows that overlap", () => {
    const withoutLevels = (state: UsageState) => shown({ ...state, levelArea: decimal("0") });
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 8 }), fc.array(anyEvent, { maxLength: 8 }), (left, right) => {
        const [one, other] = [stateOfEvents(left), stateOfEvents(right)];
        const all = withoutLevels(stateOfEvents([...left, ...right]));
        expect(withoutLevels(mergeUsageStates(one, other))).toBe(all);
        expect(withoutLevels(mergeUsageStates(other, one))).toBe(all);
      }),
    );
  });

  it("levels that arrive late into a window are counted from its events, not merged", () => {
    // 10 from 0 ms to 4 ms is 40; with 1 from 2 ms on it is 22. The state of the first two no longer knows of 2 ms.
    const window = [event("10", 0), event("0", 4)];
    const late = [event("1", 2)];
    expect(formatDecimal(stateOfEvents([...window, ...late]).levelArea)).toBe("22");
    expect(formatDecimal(mergeUsageStates(stateOfEvents(window), stateOfEvents(late)).levelArea)).not.toBe("22");
  });

  it("distinct values need the values: two counts of 2 can be 2, 3 or 4 together", () => {
    const ofUsers = (...users: string[]) =>
      stateOfEvents(users.map((uniqueValue, at) => event("1", at, { uniqueValue })));
    const together = [ofUsers("a", "b"), ofUsers("b", "c"), ofUsers("c", "d")].map((other) =>
      mergeUsageStates(ofUsers("a", "b"), other),
    );
    const counts = together.map((state) => measure("UNIQUE_COUNT", state, { window, levelBefore: null }));
    expect(counts.map((count) => count && formatDecimal(count))).toEqual(["2", "3", "4"]);
  });

  it("a time-weighted sum is what adding up every millisecond gives", () => {
    const small = fc.array(
      fc.record({ quantity: fc.integer({ min: 0, max: 9 }), occurredAt: fc.integer({ min: 0, max: 39 }) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(small, fc.integer({ min: 0, max: 5 }), (sent, before) => {
        const events = sent.map((one, index) => event(String(one.quantity), one.occurredAt, { receivedAt: index }));
        let area = 0;
        for (let at = 0; at < 40; at += 1) {
          const held = sent
            .filter((one) => one.occurredAt <= at)
            .toSorted((left, right) => left.occurredAt - right.occurredAt)
            .at(-1);
          area += held?.quantity ?? before;
        }
        const value = measure("WEIGHTED_SUM", stateOfEvents(events), {
          window: { startAt: 0, endAt: 40 },
          levelBefore: decimal(String(before)),
        });
        const expected = decimal(String(area)).div(decimal("3600000")).round(12, 1);
        expect(value && formatDecimal(value)).toBe(formatDecimal(expected));
      }),
    );
  });
});
