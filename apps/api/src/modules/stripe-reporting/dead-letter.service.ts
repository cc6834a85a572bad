import { reportIdentifier, reportKeyOf } from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Transaction } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import { type MeterReport, type MeterReportColumns, mapMeterReport, reportColumns } from "./meter-report.record.ts";
import { type Replacement, replaceReport } from "./replace-report.ts";

/** Which dead letters: all that fit, at most `limit`. */
export type DeadLetterChoice = {
  code: string | null;
  meterId: string | null;
  customerId: string | null;
  limit: number;
};

/** What replaying came to. */
export type ReplayOutcome = { replayed: number; tooOld: number };

/** What became of a decision by hand. */
export type DecisionOutcome = { ok: true } | { ok: false; code: "UNKNOWN" | "NOT_UNCERTAIN" | "TOO_OLD" };

/** What a person does about reports that did not arrive. */
export class DeadLetterService {
  readonly #on: { database: Database; clock: Clock; audit: AuditLog };

  constructor(parts: { database: Database; clock: Clock; audit: AuditLog }) {
    this.#on = parts;
  }

  /** Writes a new report for each of these dead letters; one that was replayed before is left as it is. */
  async replay(actor: Viewer | null, identifiers: readonly string[]): Promise<ReplayOutcome> {
    const outcome = { replayed: 0, tooOld: 0 };
    for (const identifier of identifiers) {
      const replacement = await this.#on.database.transaction(async (transaction) => {
        const report = await findReport(transaction, identifier);
        return report === null ? null : this.#replayOne(transaction, actor, report);
      });
      count(outcome, replacement);
    }
    return outcome;
  }

  /** The same for all that fit a choice, oldest first. */
  async replayAll(actor: Viewer | null, choice: DeadLetterChoice): Promise<ReplayOutcome> {
    const rows = await this.#on.database.query<MeterReportColumns>(
      `SELECT ${reportColumns} FROM meter_report r
       WHERE r.state IN ('DEAD','REFUSED') AND r.replaced_by IS NULL AND ($1::text IS NULL OR r.failure_code = $1)
         AND ($2::uuid IS NULL OR r.meter_id = $2) AND ($3::uuid IS NULL OR r.customer_id = $3)
       ORDER BY r.settled_at, r.customer_id LIMIT $4`,
      [choice.code, choice.meterId, choice.customerId, choice.limit],
    );
    return this.replay(
      actor,
      rows.map((row) => reportIdentifier(mapMeterReport(row))),
    );
  }

  /** A person looked it up at Stripe: an uncertain report was counted, or was not and is told anew. */
  decide(
    actor: Viewer | null,
    of: { identifier: string; wasCounted: boolean; reason: string },
  ): Promise<DecisionOutcome> {
    const { database, clock, audit } = this.#on;
    return database.transaction(async (transaction): Promise<DecisionOutcome> => {
      const report = await findReport(transaction, of.identifier);
      if (report === null) return { ok: false, code: "UNKNOWN" };
      if (of.wasCounted) {
        const rows = await transaction.query(
          `UPDATE meter_report SET state = 'ACCEPTED', next_attempt_at = NULL, doubtful_since = NULL,
             accepted_at = coalesce(accepted_at, last_sent_at, $6), settled_at = $6
           WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4 AND sequence = $5
             AND state = 'UNCERTAIN' RETURNING sequence`,
          [...keyOf(report), instantText(clock.now())],
        );
        if (rows.length === 0) return { ok: false, code: "NOT_UNCERTAIN" };
      } else {
        const how = { from: ["UNCERTAIN"], to: "NOT_COUNTED", now: clock.now() } as const;
        const replacement = await replaceReport(transaction, report, how);
        if (!replacement.ok) return { ok: false, code: replacement.code === "TOO_OLD" ? "TOO_OLD" : "NOT_UNCERTAIN" };
      }
      await audit.write(transaction, {
        actor: actor === null ? "system" : actorOf(actor),
        action: "meter_report.decide",
        subject: of.identifier,
        detail: { wasCounted: of.wasCounted, reason: of.reason },
      });
      return { ok: true };
    });
  }

  async #replayOne(transaction: Transaction, actor: Viewer | null, report: MeterReport): Promise<Replacement> {
    const how = { from: ["DEAD", "REFUSED"], to: null, now: this.#on.clock.now() } as const;
    const replacement = await replaceReport(transaction, report, how);
    if (!replacement.ok) return replacement;
    await this.#on.audit.write(transaction, {
      actor: actor === null ? "system" : actorOf(actor),
      action: "meter_report.replay",
      subject: reportIdentifier(report),
      detail: { replacedBy: replacement.sequence, failureCode: report.failureCode },
    });
    return replacement;
  }
}

async function findReport(transaction: Transaction, identifier: string): Promise<MeterReport | null> {
  const key = reportKeyOf(identifier);
  if (key === null) return null;
  const [row] = await transaction.query<MeterReportColumns>(
    `SELECT ${reportColumns} FROM meter_report r
     WHERE r.customer_id = $1 AND r.meter_id = $2 AND r.channel = $3 AND r.period_start = $4 AND r.sequence = $5`,
    keyOf(key),
  );
  return row === undefined ? null : mapMeterReport(row);
}

function keyOf(report: Pick<MeterReport, "customerId" | "meterId" | "channel" | "periodStartAt" | "sequence">) {
  return [report.customerId, report.meterId, report.channel, instantText(report.periodStartAt), report.sequence];
}

function count(outcome: ReplayOutcome, replacement: Replacement | null): void {
  if (replacement?.ok === true) outcome.replayed += 1;
  else if (replacement?.ok === false && replacement.code === "TOO_OLD") outcome.tooOld += 1;
}
