import type { Decimal, EpochMs, ReportChannel } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** What a run of the planner came to. */
export type PlanOutcome = {
  customers: number;
  /** Reports written. */
  planned: number;
  /** Totals of which something cannot be told any more (too old) or at all (too large). */
  refused: number;
  /** True when nothing was planned because what is planned already does not get away. */
  paused: boolean;
};

/** What Stripe was told of one meter in one billing period, by one channel. */
export type ToldTotal = {
  meterId: string;
  channel: ReportChannel;
  /** The sum of the reports that stand, told or not. */
  planned: Decimal;
  /** The sum of those that Stripe accepted; a VALUE counter's latest. */
  told: Decimal;
  /** The same of those that a summary has confirmed. */
  confirmed: Decimal;
  /** PENDING and SENDING. */
  pending: number;
  uncertain: number;
  /** DEAD and REFUSED that nothing has replaced. */
  dead: number;
  /** When Stripe accepted the latest one; a summary may lack it for minutes. */
  lastAcceptedAt: EpochMs | null;
  /** What cannot be told, and why: TOO_OLD, TOO_LARGE. */
  untold: Decimal;
  refusal: string | null;
};

/** Where the reports of an ended period stand. `isFlushed`: everything that can be told is, and Stripe accepted it. */
export type FlushStanding = { isFlushed: boolean; totals: ToldTotal[] };

/** Stripe's own total of a meter in a billing period, by one channel. */
export type LineTotal = {
  customerId: string;
  meterId: string;
  channel: ReportChannel;
  periodStartAt: EpochMs;
  counted: Decimal;
};

/** What became of a repair. WAITING: reports are under way, so nothing was written. */
export type RepairOutcome = { outcome: "REPAIRED" | "SAME" | "WAITING"; difference: Decimal };

/** What became of a comparison with Stripe's own total. */
export type SettledOutcome = "CONFIRMED" | "WAITING" | "DIFFERENT";

/** The ledger of what Stripe was told, as other modules use it. */
export interface MeterReporting {
  /** Plans what moved, for every linked customer. */
  planDue(): Promise<PlanOutcome>;
  /** Plans what one billing period still lacks (from its frozen totals once it is frozen), and says where it stands. */
  flushPeriod(customerId: string, periodStartAt: EpochMs): Promise<FlushStanding>;
  /** Where the reports of a billing period stand, by meter. Its cost grows with the period's reports, not its events. */
  toldTotals(sql: Sql, customerId: string, periodStartAt: EpochMs): Promise<ToldTotal[]>;
  /**
   * Holds Stripe's total of a meter's period against what it was told: the same confirms every accepted report; anything
   * else changes nothing. WAITING: reports are under way, so nothing can be said yet.
   */
  settled(of: LineTotal): Promise<SettledOutcome>;
  /**
   * Takes Stripe's total of a meter's period as it is: the difference to what was told is written down as found, and
   * planned away. For a reconciliation whose summary is sure to be up to date.
   */
  repair(of: LineTotal & { reason: string }): Promise<RepairOutcome>;
}
