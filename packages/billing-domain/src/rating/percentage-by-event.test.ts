import { describe, expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import type { PercentagePrice } from "../price-model.ts";
import { ratePercentageByEvent } from "./percentage-by-event.ts";
import { amountOf, rowsOf, usedInEvents } from "./rows.testing.ts";

const RATE: PercentagePrice = { model: "PERCENTAGE", ratePercent: "2" };

function rate(terms: Partial<PercentagePrice>, events: string[], freeAmount = "0") {
  return ratePercentageByEvent({ ...RATE, ...terms }, usedInEvents(...events).events, decimal(freeAmount));
}

describe("free events", () => {
  test("the first ones are free of rate and fee, the next is not", () => {
    expect(rowsOf(rate({ freeEvents: 2, fixedAmount: "0.10" }, ["100", "300", "50"]).tiers)).toEqual([
      ["Free events", "2", "0"],
      ["2% of the amount", "50", "1"],
      ["Fixed fee per event", "1", "0.1"],
    ]);
  });

  test("fewer events than are free cost nothing", () => {
    expect(rowsOf(rate({ freeEvents: 2, fixedAmount: "0.10" }, ["100"]).tiers)).toEqual([
      ["Free events", "1", "0"],
      ["2% of the amount", "0", "0"],
      ["Fixed fee per event", "0", "0"],
    ]);
  });

  test("are the first in time, in whatever order they arrive", () => {
    const events = [
      { quantity: decimal("50"), occurredAt: 2_000 },
      { quantity: decimal("900"), occurredAt: 1_000 },
    ];
    const charge = ratePercentageByEvent({ ...RATE, freeEvents: 1 }, events, decimal("0"));
    expect(formatDecimal(charge.billableQuantity)).toBe("50");
  });

  test("of one instant are taken in the order given, which is that of receipt", () => {
    const events = [
      { quantity: decimal("900"), occurredAt: 1_000 },
      { quantity: decimal("50"), occurredAt: 1_000 },
    ];
    const charge = ratePercentageByEvent({ ...RATE, freeEvents: 1 }, events, decimal("0"));
    expect(formatDecimal(charge.billableQuantity)).toBe("50");
  });
});

describe("free amount", () => {
  test("the event that passes it pays the rate on the part above, and one whole fee", () => {
    // 60 free; 40 of 100 free, 60 billed; 10 billed
    expect(rowsOf(rate({ fixedAmount: "0.10" }, ["60", "100", "10"], "100").tiers)).toEqual([
      ["2% of the amount", "70", "1.4"],
      ["Fixed fee per event", "2", "0.2"],
    ]);
  });

  test("an event that just reaches it is free: the bound is inclusive", () => {
    expect(amountOf(rate({ fixedAmount: "0.10" }, ["60", "40"], "100").tiers)).toBe("0");
    expect(amountOf(rate({ fixedAmount: "0.10" }, ["60", "40.01"], "100").tiers)).toBe("0.1002");
  });

  test("with free events too, an event pays once it is past both", () => {
    // events 1 and 2 are free; 3 is past them but the total of 90 is not past 100; of 4, 40 are past 100
    const charge = rate({ freeEvents: 2, fixedAmount: "0.10" }, ["20", "30", "40", "50"], "100");
    expect(rowsOf(charge.tiers)).toEqual([
      ["Free events", "2", "0"],
      ["2% of the amount", "40", "0.8"],
      ["Fixed fee per event", "1", "0.1"],
    ]);
  });

  test("free events that exceed it are free all the same", () => {
    expect(rowsOf(rate({ freeEvents: 1 }, ["500", "50"], "100").tiers)).toEqual([
      ["Free events", "1", "0"],
      ["2% of the amount", "50", "1"],
    ]);
  });
});

describe("floor and cap per event", () => {
  test("the floor lifts an event's fee (rate and fixed fee together), never one at or above it", () => {
    // fees 0.12, 0.5 and 0.52
    expect(rowsOf(rate({ fixedAmount: "0.10", minimumPerEvent: "0.50" }, ["1", "20", "21"]).tiers)).toEqual([
      ["2% of the amount", "42", "0.84"],
      ["Fixed fee per event", "3", "0.3"],
      ["Minimum per event", "0", "0.38"],
    ]);
  });

  test("the cap cuts an event's fee, never one at or below it", () => {
    // fees 5, 5.02 and 100
    expect(rowsOf(rate({ maximumPerEvent: "5" }, ["250", "251", "5000"]).tiers)).toEqual([
      ["2% of the amount", "5501", "110.02"],
      ["Maximum per event", "0", "-95.02"],
    ]);
  });

  test("both look at the billed amount, not at the part that is free", () => {
    // only 10 of the 110 are billed: a fee of 0.2, lifted to 0.5
    expect(amountOf(rate({ minimumPerEvent: "0.50", maximumPerEvent: "1" }, ["110"], "100").tiers)).toBe("0.5");
  });

  test("a free event has no floor", () => {
    expect(amountOf(rate({ freeEvents: 1, minimumPerEvent: "0.50" }, ["10"]).tiers)).toBe("0");
    expect(amountOf(rate({ minimumPerEvent: "0.50" }, ["10"], "10").tiers)).toBe("0");
  });

  test("an event of nothing pays the fee and the floor like any other", () => {
    expect(amountOf(rate({ fixedAmount: "0.10", minimumPerEvent: "0.50" }, ["0"]).tiers)).toBe("0.5");
  });
});

describe("refunds (negative events)", () => {
  test("take back what they took off the billed amount", () => {
    expect(rowsOf(rate({ minimumPerEvent: "0.50" }, ["100", "-40"]).tiers)).toEqual([
      ["2% of the amount", "60", "1.2"],
    ]);
  });

  test("have no floor, and pay the fixed fee as an event", () => {
    expect(rowsOf(rate({ fixedAmount: "0.10", minimumPerEvent: "0.05" }, ["100", "-100"]).tiers)).toEqual([
      ["2% of the amount", "0", "0"],
      ["Fixed fee per event", "2", "0.2"],
    ]);
  });

  test("give back no more than the cap: a capped charge and its refund come to nothing", () => {
    expect(amountOf(rate({ maximumPerEvent: "5" }, ["1000", "-1000"]).tiers)).toBe("0");
  });

  test("of a free event are no credit", () => {
    expect(amountOf(rate({ freeEvents: 1 }, ["100", "-100", "50"]).tiers)).toBe("0");
  });

  test("in many small parts of one capped charge leave the line at zero, in a row that says so", () => {
    // 5 charged, then 2 × 4 given back
    expect(rowsOf(rate({ maximumPerEvent: "5" }, ["1000", "-200", "-200"]).tiers)).toEqual([
      ["2% of the amount", "600", "12"],
      ["Maximum per event", "0", "-15"],
      ["Never less than zero", "0", "3"],
    ]);
  });

  test("before any charge are set off against what follows", () => {
    expect(amountOf(rate({ minimumPerEvent: "0.01" }, ["-40", "100"]).tiers)).toBe("1.2");
  });
});

test("the total covers free events too, so that it can be compared with the meter's quantity", () => {
  expect(formatDecimal(rate({ freeEvents: 1 }, ["100", "50.5"], "10").total)).toBe("150.5");
});
