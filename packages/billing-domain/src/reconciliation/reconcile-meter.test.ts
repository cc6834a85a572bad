import { describe, expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { type MeterReports, type MeterStandings, reconcileMeter } from "./reconcile-meter.ts";

const agreed: MeterReports = {
  planned: decimal("10"),
  told: decimal("10"),
  pending: 0,
  dead: 0,
  summary: decimal("10"),
  isSettled: true,
  canReport: true,
};
const ten = { recount: decimal("10"), rollup: decimal("10"), periodTotal: decimal("10") };
const open: MeterStandings = { ...ten, frozen: null, billedLate: decimal("0"), hasOpenPeriod: true, reports: agreed };
const frozen: MeterStandings = { ...open, frozen: decimal("10") };

const told = (standings: MeterStandings) =>
  reconcileMeter(standings).map((one) => [one.kind, formatDecimal(one.expected), formatDecimal(one.actual), one.route]);

const summarized = (reports: MeterReports, summary: string) =>
  told({ ...open, reports: { ...reports, summary: decimal(summary) } });

describe("reconciliation of a meter", () => {
  test("finds nothing where everything is the same", () => {
    expect(told(open)).toEqual([]);
    expect(told(frozen)).toEqual([]);
    expect(told({ ...open, reports: null })).toEqual([]);
  });

  test("rollups and period totals that differ from the events are counted anew", () => {
    expect(told({ ...open, rollup: decimal("9") })).toEqual([["ROLLUP", "10", "9", "REBUILD"]]);
    expect(told({ ...open, periodTotal: decimal("10.000000000001") })).toEqual([
      ["PERIOD_TOTAL", "10", "10.000000000001", "REBUILD"],
    ]);
  });

  test("late usage waits for the open period; without one it is a ticket", () => {
    const late = { ...frozen, recount: decimal("12"), rollup: decimal("12"), periodTotal: decimal("12") };
    expect(told(late)).toEqual([]);
    expect(told({ ...late, hasOpenPeriod: false })).toEqual([["LATE_USAGE", "12", "10", "TICKET"]]);
    expect(told({ ...late, hasOpenPeriod: false, billedLate: decimal("2") })).toEqual([]);
  });

  test("an open period's reports may lag; a frozen one's may not", () => {
    const behind = { ...agreed, planned: decimal("8"), told: decimal("8"), summary: decimal("8") };
    expect(told({ ...open, reports: behind })).toEqual([]);
    expect(told({ ...frozen, reports: behind })).toEqual([["REPORT_PLAN", "10", "8", "PLAN"]]);
    expect(told({ ...frozen, reports: { ...behind, canReport: false } })).toEqual([
      ["REPORT_PLAN", "10", "8", "TICKET"],
    ]);
  });

  test("Stripe is told the frozen quantity, never what came late", () => {
    const late = { ...frozen, recount: decimal("12"), rollup: decimal("12"), periodTotal: decimal("12") };
    expect(told({ ...late, reports: agreed })).toEqual([]);
  });

  test("Stripe's summary differs: the difference is reported while it still reaches the invoice, else a ticket", () => {
    const lost = { ...agreed, summary: decimal("7") };
    expect(told({ ...open, reports: lost })).toEqual([["STRIPE_SUMMARY", "10", "7", "REPORT"]]);
    expect(told({ ...open, reports: { ...lost, canReport: false } })).toEqual([
      ["STRIPE_SUMMARY", "10", "7", "TICKET"],
    ]);
  });

  test("a summary is a double: a total of eighteen digits differs from it in the last ones, and is the same", () => {
    const long = { ...agreed, planned: decimal("299691.296269462509"), told: decimal("299691.296269462509") };
    expect(summarized(long, "299691.2962694625")).toEqual([]);
    expect(summarized(long, "299691.2962694626")).toEqual([
      ["STRIPE_SUMMARY", "299691.296269462509", "299691.2962694626", "REPORT"],
    ]);
  });

  test("what may go away by itself is no difference yet: reports under way, Stripe still counting, not asked", () => {
    expect(told({ ...open, reports: { ...agreed, summary: decimal("7"), pending: 1 } })).toEqual([]);
    expect(told({ ...open, reports: { ...agreed, summary: decimal("7"), isSettled: false } })).toEqual([]);
    expect(told({ ...open, reports: { ...agreed, summary: null } })).toEqual([]);
  });

  test("a report that Stripe will not take is a ticket", () => {
    const dead = { ...agreed, told: decimal("6"), summary: decimal("6"), dead: 1 };
    expect(told({ ...open, reports: dead })).toEqual([["REPORT_DEAD", "10", "6", "TICKET"]]);
  });

  test("says by how much, and which holds less", () => {
    const [one] = reconcileMeter({ ...open, rollup: decimal("7.5") });
    expect(one?.message).toBe("By 2.5 units the rollups hold less than the events.");
  });
});
