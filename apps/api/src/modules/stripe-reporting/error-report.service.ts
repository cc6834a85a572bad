import { reportKeyOf } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { instantText } from "../usage/index.ts";
import { type ErrorReport, readErrorReport } from "./error-report.ts";
import { type MeterReportColumns, mapMeterReport, reportColumns } from "./meter-report.record.ts";
import { replaceReport } from "./replace-report.ts";
import type { ReportRoutes } from "./report-route.ts";

/** What became of an error report. */
export type ErrorReportOutcome = {
  /** Reports of ours that it names. */
  refused: number;
  /** Refused ones that were told again at once, because another time puts them right. */
  replaced: number;
  /** Reports that may be among those it does not name. */
  uncertain: number;
};

/** Events of a report were accepted so long before Stripe looked at them, at most: its lag is minutes. */
const lagMs = 600_000;
const clockSkewMs = 60_000;
const maxUncertain = 50_000;

/** Works the reports of mistakes that Stripe found in events after it had accepted them. */
export class ErrorReportService {
  readonly #on: { database: Database; clock: Clock; gateway: StripeGateway; routes: ReportRoutes };

  constructor(parts: { database: Database; clock: Clock; gateway: StripeGateway; routes: ReportRoutes }) {
    this.#on = parts;
  }

  /** Fetches a thin event, which holds no data, and works what it says. Doing it twice changes nothing more. */
  async take(eventId: string): Promise<ErrorReportOutcome> {
    const event = (await this.#on.gateway.stripe.v2.core.events.retrieve(eventId)) as unknown as {
      data?: unknown;
      related_object?: { id?: string } | null;
    };
    const report = readErrorReport(event.data);
    if (report === null) throw new Error(`${eventId} holds no error report that can be read`);
    return this.work(report, event.related_object?.id ?? null);
  }

  /** Marks the reports that are named REFUSED; if there are others, whatever may be one of them becomes UNCERTAIN. */
  async work(report: ErrorReport, stripeMeterId: string | null): Promise<ErrorReportOutcome> {
    const { database, routes } = this.#on;
    const outcome: ErrorReportOutcome = { refused: 0, replaced: 0, uncertain: 0 };
    const meterIds = new Set<string>();
    for (const route of (await routes.meters(database)).values()) {
      if (stripeMeterId !== null && route.stripeMeterId === stripeMeterId) meterIds.add(route.meterId);
    }
    let named = 0;
    for (const { code, samples } of report.types) {
      for (const { identifier, message } of samples) {
        named += 1;
        const key = reportKeyOf(identifier);
        if (key === null) continue;
        meterIds.add(key.meterId);
        const done = await this.#refuse(identifier, { code, message });
        outcome.refused += done.refused;
        outcome.replaced += done.replaced;
      }
    }
    if (report.count > named && meterIds.size > 0) {
      outcome.uncertain = await this.#doubt(database, [...meterIds], report);
    }
    return outcome;
  }

  #refuse(identifier: string, failure: { code: string; message: string }) {
    const { database, clock } = this.#on;
    const key = reportKeyOf(identifier);
    const none = { refused: 0, replaced: 0 };
    if (key === null) return Promise.resolve(none);
    return database.transaction(async (transaction) => {
      const [row] = await transaction.query<MeterReportColumns>(
        `UPDATE meter_report r SET state = 'REFUSED', settled_at = $6, next_attempt_at = NULL, doubtful_since = NULL,
           failure_class = 'PERMANENT', failure_code = $7, failure_message = $8
         WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4 AND sequence = $5
           AND state IN ('PENDING','SENDING','ACCEPTED','UNCERTAIN') AND first_sent_at IS NOT NULL
         RETURNING ${reportColumns}`,
        [
          key.customerId,
          key.meterId,
          key.channel,
          instantText(key.periodStartAt),
          key.sequence,
          instantText(clock.now()),
          failure.code,
          failure.message.slice(0, 500),
        ],
      );
      if (row === undefined) return none;
      // The one mistake that time mends: a clock ahead of Stripe's. Anything else would be refused again.
      if (failure.code !== "timestamp_in_future") return { refused: 1, replaced: 0 };
      const how = { from: ["REFUSED"], to: null, now: clock.now() } as const;
      const replacement = await replaceReport(transaction, mapMeterReport(row), how);
      return { refused: 1, replaced: replacement.ok ? 1 : 0 };
    });
  }

  async #doubt(sql: Sql, meterIds: readonly string[], report: ErrorReport): Promise<number> {
    const now = this.#on.clock.now();
    const rows = await sql.query(
      `UPDATE meter_report r SET state = 'UNCERTAIN', next_attempt_at = $4, same_reads = 0, read_total = NULL,
         failure_class = 'AMBIGUOUS', failure_code = 'ERROR_REPORT', failure_message = $5
       FROM (
         SELECT customer_id, meter_id, channel, period_start, sequence FROM meter_report
         WHERE accepted_at >= $2 AND accepted_at <= $3 AND state = 'ACCEPTED' AND channel = 'EVENTS'
           AND meter_id = ANY ($1::uuid[])
         LIMIT ${maxUncertain}
       ) u
       WHERE r.customer_id = u.customer_id AND r.meter_id = u.meter_id AND r.channel = u.channel
         AND r.period_start = u.period_start AND r.sequence = u.sequence AND r.state = 'ACCEPTED'
       RETURNING r.sequence`,
      [
        meterIds,
        instantText(report.startAt - lagMs),
        instantText(report.endAt + clockSkewMs),
        instantText(now),
        `Stripe refused ${report.count} events at about that time and named only some of them.`,
      ],
    );
    return rows.length;
  }
}
