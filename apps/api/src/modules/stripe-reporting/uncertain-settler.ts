import {
  type Decimal,
  decimal,
  type EpochMs,
  formatDecimal,
  minutesAround,
  reportIdentifier,
  settleUncertain,
  summaryValue,
  type Window,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import { instantText } from "../usage/index.ts";
import { type MeterReport, type MeterReportColumns, mapMeterReport, reportColumns } from "./meter-report.record.ts";
import { replaceReport } from "./replace-report.ts";
import type { MeterRoute, ReportRoutes } from "./report-route.ts";

/** What the settler stands on. */
export type SettlerParts = {
  database: Database;
  clock: Clock;
  logger: Logger;
  gateway: StripeGateway;
  routes: ReportRoutes;
};

/** Each costs one GET of the read allowance. */
const pairsAtATime = 50;
const reportsAtATime = 500;
/** GETs that are left to others. */
const readReserve = 500;
const againMs = 5 * 60_000;
const inDoubtAgainMs = 60_000;
const undecidableAgainMs = 3_600_000;

/** Uncertain reports of one customer and meter. */
type Pair = { customerId: string; meterId: string; reports: MeterReport[] };

/**
 * Finds out whether uncertain reports were counted: Stripe's summary of the minutes around them against our reports with
 * times in the same minutes. Counted: accepted. Not counted: a new report takes their place. Neither: a person decides.
 */
export class UncertainSettler {
  readonly #on: SettlerParts;

  constructor(parts: SettlerParts) {
    this.#on = parts;
  }

  /** Looks at what is due, a bounded number of customers and meters; answers how many reports were settled. */
  async run(): Promise<number> {
    const { database, clock, gateway, routes, logger } = this.#on;
    const rows = await database.query<MeterReportColumns>(
      `SELECT ${reportColumns} FROM meter_report r
       WHERE r.state = 'UNCERTAIN' AND r.next_attempt_at <= $1 ORDER BY r.next_attempt_at LIMIT ${reportsAtATime}`,
      [instantText(clock.now())],
    );
    if (rows.length === 0) return 0;
    if ((await gateway.reads.left(database)) < readReserve) {
      logger.warn("uncertain reports wait: the read allowance is nearly used up");
      return 0;
    }
    const meters = await routes.meters(database);
    let settled = 0;
    for (const pair of pairsOf(rows.map(mapMeterReport)).slice(0, pairsAtATime)) {
      try {
        settled += await this.#settlePair(pair, meters.get(pair.meterId));
      } catch (error) {
        const failure = classifyStripeError(error);
        await this.#postpone(pair.reports, undecidableOr(failure.kind), failure.code, failure.message);
      }
    }
    return settled;
  }

  async #settlePair(pair: Pair, meter: MeterRoute | undefined): Promise<number> {
    const { database, clock, routes } = this.#on;
    const customer = (await routes.customers(database, [pair.customerId])).get(pair.customerId);
    // Of a deleted customer Stripe has no summary, and asking for it every hour would cost a read each time.
    if (meter === undefined || meter.stripeMeterId === null || customer === undefined || customer.isDeleted) {
      await this.#postpone(pair.reports, undecidableAgainMs, "NOT_LINKED", "Customer or meter is not at Stripe now.");
      return 0;
    }
    // A value may be told again without harm, so nothing needs to be found out.
    if (meter.mode === "VALUE") return this.#replace(pair.reports);
    const range = minutesAround(pair.reports.map((report) => report.eventAt));
    const known = await this.#knownIn(pair, range);
    if (known.inDoubt > 0) {
      await this.#postpone(pair.reports, inDoubtAgainMs, null, null);
      return 0;
    }
    const counted = await this.#summaryOf(meter.stripeMeterId, customer.stripeCustomerId, range);
    const same = pair.reports.every((report) => report.readTotal?.eq(counted) ?? false);
    const sameReads = same ? Math.min(...pair.reports.map((report) => report.sameReads)) + 1 : 1;
    const settlement = settleUncertain({
      counted,
      certain: known.certain,
      // By their place, since reports of two periods may have the same sequence.
      uncertain: pair.reports.map(({ delta }, index) => ({ sequence: index, delta })),
      lastSentAt: Math.max(known.lastSentAt, ...pair.reports.map((report) => report.lastSentAt ?? 0)),
      now: clock.now(),
      sameReads,
    });
    if (settlement.kind === "WAIT") {
      await this.#remember(pair.reports, counted, sameReads);
      return 0;
    }
    if (settlement.kind === "UNDECIDABLE") {
      const message =
        `Stripe counts ${formatDecimal(counted)} from ${instantText(range.startAt)} to ${instantText(range.endAt)}; ` +
        `${formatDecimal(known.certain)} of it is certain, and no choice of the uncertain reports is the rest.`;
      await this.#postpone(pair.reports, undecidableAgainMs, "UNDECIDABLE", message);
      return 0;
    }
    const isCounted = new Set(settlement.counted);
    await this.#accept(pair.reports.filter((_, index) => isCounted.has(index)));
    await this.#replace(pair.reports.filter((_, index) => !isCounted.has(index)));
    return pair.reports.length;
  }

  /** Our reports of the minutes of a range, whatever their period, that are not uncertain. */
  async #knownIn(pair: Pair, range: Window): Promise<{ certain: Decimal; inDoubt: number; lastSentAt: EpochMs }> {
    const [row] = await this.#on.database.query<{ certain: string; in_doubt: number; last_sent_at: Date | null }>(
      `SELECT coalesce(sum(r.delta) FILTER (WHERE r.state IN ('ACCEPTED','CONFIRMED')), 0) AS certain,
         count(*) FILTER (WHERE r.state = 'SENDING' OR (r.state = 'PENDING' AND r.doubtful_since IS NOT NULL))::integer
           AS in_doubt,
         max(r.accepted_at) AS last_sent_at
       FROM meter_report_total c
       JOIN meter_report r ON r.customer_id = c.customer_id AND r.meter_id = c.meter_id AND r.channel = c.channel
         AND r.period_start = c.period_start
       WHERE c.customer_id = $1 AND c.meter_id = $2 AND c.channel = 'EVENTS' AND c.period_end > $3
         AND c.period_start < $4 AND r.event_at >= $3 AND r.event_at < $4`,
      [pair.customerId, pair.meterId, instantText(range.startAt), instantText(range.endAt)],
    );
    return {
      certain: decimal(row?.certain ?? "0"),
      inDoubt: row?.in_doubt ?? 0,
      lastSentAt: row?.last_sent_at?.getTime() ?? 0,
    };
  }

  async #summaryOf(stripeMeterId: string, customer: string, range: Window): Promise<Decimal> {
    // Without a grouping window the answer is one total, or nothing at all for nothing.
    const page = await this.#on.gateway.stripe.billing.meters.listEventSummaries(stripeMeterId, {
      customer,
      start_time: range.startAt / 1000,
      end_time: range.endAt / 1000,
      limit: 1,
    });
    return summaryValue(page.data[0]?.aggregated_value ?? 0).value;
  }

  async #accept(reports: readonly MeterReport[]): Promise<void> {
    const now = instantText(this.#on.clock.now());
    for (const report of reports) {
      await this.#on.database.query(
        `UPDATE meter_report SET state = 'ACCEPTED', next_attempt_at = NULL, doubtful_since = NULL,
           accepted_at = coalesce(accepted_at, last_sent_at, $6), settled_at = $6, failure_class = NULL,
           failure_code = NULL, failure_message = NULL
         WHERE ${oneReport} AND state = 'UNCERTAIN'`,
        [...keyOf(report), now],
      );
    }
  }

  async #replace(reports: readonly MeterReport[]): Promise<number> {
    const { database, clock, logger } = this.#on;
    for (const report of reports) {
      const how = { from: ["UNCERTAIN"], to: "NOT_COUNTED", now: clock.now() } as const;
      const replacement = await database.transaction((sql) => replaceReport(sql, report, how));
      if (replacement.ok || replacement.code === "CHANGED") continue;
      logger.error(
        { identifier: reportIdentifier(report) },
        "a report was not counted and is too old to be told again",
      );
      await database.query(
        `UPDATE meter_report SET state = 'DEAD', settled_at = $6, next_attempt_at = NULL, failure_class = 'PERMANENT',
           failure_code = 'NOT_COUNTED_TOO_OLD', failure_message = 'It was not counted, and is too old to be told again.'
         WHERE ${oneReport} AND state = 'UNCERTAIN'`,
        [...keyOf(report), instantText(clock.now())],
      );
    }
    return reports.length;
  }

  async #remember(reports: readonly MeterReport[], counted: Decimal, sameReads: number): Promise<void> {
    const next = instantText(this.#on.clock.now() + againMs);
    for (const report of reports) {
      await this.#on.database.query(
        `UPDATE meter_report SET read_total = $6, same_reads = $7, next_attempt_at = $8
         WHERE ${oneReport} AND state = 'UNCERTAIN'`,
        [...keyOf(report), formatDecimal(counted), sameReads, next],
      );
    }
  }

  async #postpone(
    reports: readonly MeterReport[],
    afterMs: number,
    code: string | null,
    message: string | null,
  ): Promise<void> {
    const next = instantText(this.#on.clock.now() + afterMs);
    for (const report of reports) {
      await this.#on.database.query(
        `UPDATE meter_report SET next_attempt_at = $6, failure_code = coalesce($7, failure_code),
           failure_message = coalesce($8, failure_message)
         WHERE ${oneReport} AND state = 'UNCERTAIN'`,
        [...keyOf(report), next, code, message],
      );
    }
  }
}

const oneReport = "customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4 AND sequence = $5";

function keyOf(report: MeterReport): (string | number)[] {
  return [report.customerId, report.meterId, report.channel, instantText(report.periodStartAt), report.sequence];
}

function undecidableOr(kind: string): number {
  return kind === "PERMANENT" ? undecidableAgainMs : againMs;
}

function pairsOf(reports: readonly MeterReport[]): Pair[] {
  const groups = Map.groupBy(reports, (report) => `${report.customerId} ${report.meterId}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ customerId: first.customerId, meterId: first.meterId, reports: group }];
  });
}
