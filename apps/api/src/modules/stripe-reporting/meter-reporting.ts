import { type EpochMs, formatDecimal, summaryAgrees, ZERO } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import type {
  FlushStanding,
  LineTotal,
  MeterReporting,
  PlanOutcome,
  RepairOutcome,
  SettledOutcome,
  ToldTotal,
} from "./meter-reporting.types.ts";
import type { ReportPlanner } from "./report-planner.ts";
import { belongs, lineStanding, periodStandings } from "./told-total.read-model.ts";

/** The ledger, for other modules. */
export class MeterReportingService implements MeterReporting {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #planner: ReportPlanner;

  constructor(parts: { database: Database; clock: Clock; planner: ReportPlanner }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#planner = parts.planner;
  }

  planDue(): Promise<PlanOutcome> {
    return this.#planner.planDue();
  }

  async flushPeriod(customerId: string, periodStartAt: EpochMs): Promise<FlushStanding> {
    await this.#planner.planPeriod(customerId, periodStartAt);
    const totals = await periodStandings(this.#database, customerId, periodStartAt);
    const isFlushed = totals.every(({ pending, uncertain, dead }) => pending + uncertain + dead === 0);
    return { isFlushed, totals };
  }

  toldTotals(sql: Sql, customerId: string, periodStartAt: EpochMs): Promise<ToldTotal[]> {
    return periodStandings(sql, customerId, periodStartAt);
  }

  settled(line: LineTotal): Promise<SettledOutcome> {
    return this.#database.transaction(async (transaction) => {
      const standing = await lineStanding(transaction, line);
      if (standing === null) return line.counted.eq(ZERO) ? "CONFIRMED" : "DIFFERENT";
      if (standing.inDoubt > 0) return "WAITING";
      if (!summaryAgrees(line.counted, standing.told)) return "DIFFERENT";
      // What was accepted since the standing was read is not in the summary, and stays ACCEPTED.
      await transaction.query(
        `UPDATE meter_report r SET state = 'CONFIRMED', settled_at = $5
         FROM meter_report_total c
         WHERE c.customer_id = $1 AND c.meter_id = $2 AND c.channel = $3 AND c.period_start = $4
           AND r.customer_id = $1 AND r.meter_id = $2 AND r.channel = $3 AND ${belongs}
           AND r.state = 'ACCEPTED' AND r.accepted_at <= $6`,
        [...keyOf(line), instantText(this.#clock.now()), instantText(standing.lastAcceptedAt ?? 0)],
      );
      return "CONFIRMED";
    });
  }

  async repair(line: LineTotal & { reason: string }): Promise<RepairOutcome> {
    const outcome = await this.#database.transaction(async (transaction): Promise<RepairOutcome> => {
      const standing = await lineStanding(transaction, line);
      if (standing === null || standing.inDoubt > 0) return { outcome: "WAITING", difference: ZERO };
      if (summaryAgrees(line.counted, standing.told)) return { outcome: "SAME", difference: ZERO };
      const difference = line.counted.minus(standing.told);
      const [moved] = await transaction.query<{ last_sequence: number }>(
        `UPDATE meter_report_total SET planned_total = planned_total + $5, last_sequence = last_sequence + 1,
           version = version + 1, seen = ''
         WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4 AND version = $6
         RETURNING last_sequence`,
        [...keyOf(line), formatDecimal(difference), standing.version],
      );
      // Somebody planned meanwhile; what is planned now is under way.
      if (moved === undefined) return { outcome: "WAITING", difference: ZERO };
      await transaction.query(
        `INSERT INTO meter_report (customer_id, meter_id, channel, period_start, sequence, kind, mode, delta, total_after,
           event_at, transport, state, accepted_at, settled_at, failure_message, created_at)
         SELECT $1, $2, $3, $4, $5, 'FOUND', r.mode, $6, $7, r.event_at, r.transport, 'CONFIRMED', $8, $8, $9, $8
         FROM meter_report_total c
         JOIN meter_report r ON r.customer_id = c.customer_id AND r.meter_id = c.meter_id AND r.channel = c.channel
           AND ${belongs}
         WHERE c.customer_id = $1 AND c.meter_id = $2 AND c.channel = $3 AND c.period_start = $4
         ORDER BY r.event_at DESC, r.sequence DESC LIMIT 1`,
        [
          ...keyOf(line),
          moved.last_sequence,
          formatDecimal(difference),
          formatDecimal(line.counted),
          instantText(this.#clock.now()),
          line.reason,
        ],
      );
      return { outcome: "REPAIRED", difference };
    });
    if (outcome.outcome === "REPAIRED") await this.#planner.planPeriod(line.customerId, line.periodStartAt);
    return outcome;
  }
}

function keyOf(line: Omit<LineTotal, "counted">): [string, string, string, string] {
  return [line.customerId, line.meterId, line.channel, instantText(line.periodStartAt)];
}
