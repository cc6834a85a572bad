import {
  type Decimal,
  deadlineAt,
  type EpochMs,
  formatDecimal,
  type ReportChannel,
  type ReportState,
  reportKeyOf,
  worstAlarm,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import type { Meters } from "../catalog/index.ts";
import { mapDeadline, mapMeterReportType } from "./meter-report.mapping.ts";
import { attentionPage, findShownReport, linePage, type ShownReport } from "./meter-report.read-model.ts";
import type { MeterReportType, ReportingStatus, ToldTotalType } from "./meter-report.types.ts";
import { reportBacklog, untoldLines } from "./report-backlog.read-model.ts";
import type { ReportPlanner } from "./report-planner.ts";
import { periodStandings } from "./told-total.read-model.ts";

/** What staff see of the ledger. */
export class MeterReportQueryService {
  readonly #on: {
    database: Database;
    clock: Clock;
    meters: Meters;
    planner: ReportPlanner;
    gateway: StripeGateway | null;
  };

  constructor(parts: {
    database: Database;
    clock: Clock;
    meters: Meters;
    planner: ReportPlanner;
    gateway: StripeGateway | null;
  }) {
    this.#on = parts;
  }

  async status(): Promise<ReportingStatus> {
    const { database, clock, gateway } = this.#on;
    const now = clock.now();
    const backlog = await reportBacklog(database, now);
    const deadlines = [
      ...deadlineOf("IDENTIFIER", backlog.identifierDeadlineAt, now),
      ...deadlineOf("TIMESTAMP", backlog.timestampDeadlineAt, now),
    ];
    return {
      isConfigured: gateway !== null,
      counts: backlog.counts,
      lagSeconds: backlog.lagMs / 1000,
      oldestDueAt: backlog.oldestDueAt === null ? null : new Date(backlog.oldestDueAt),
      deadlines: deadlines.map(mapDeadline),
      alarm: worstAlarm(deadlines.map((deadline) => deadline.alarm)),
      untoldLines: await untoldLines(database, now),
      readsLeft: gateway === null ? null : await gateway.reads.left(database),
    };
  }

  /** Reports of one customer, meter and period. */
  async line(of: {
    customerId: string;
    meterKey: string;
    channel: ReportChannel;
    periodStartAt: EpochMs;
    before: number | null;
    limit: number;
  }): Promise<MeterReportType[]> {
    const meter = (await this.#on.meters.find([of.meterKey])).get(of.meterKey);
    if (meter === undefined) return [];
    return this.#shown(await linePage(this.#on.database, { ...of, meterId: meter.id }));
  }

  async attention(of: {
    states: readonly ReportState[];
    customerId: string | null;
    limit: number;
    after: readonly string[] | null;
  }): Promise<{ reports: ShownReport[]; shown: MeterReportType[] }> {
    const reports = await attentionPage(this.#on.database, of);
    return { reports, shown: await this.#shown(reports) };
  }

  async one(identifier: string): Promise<MeterReportType | null> {
    const key = reportKeyOf(identifier);
    const report = key === null ? null : await findShownReport(this.#on.database, key);
    return report === null ? null : ((await this.#shown([report]))[0] ?? null);
  }

  /** What was told of a billing period, beside what it comes to now. */
  async told(customerId: string, periodStartAt: EpochMs): Promise<ToldTotalType[]> {
    const { database, planner } = this.#on;
    const ours = await planner.ours(customerId, periodStartAt);
    const standings = await periodStandings(database, customerId, periodStartAt);
    const keys = await this.#keys();
    return standings.map((standing) => ({
      ...standing,
      meterKey: keys.get(standing.meterId) ?? standing.meterId,
      ours: textOrNull(ours.get(standing.meterId)),
      planned: formatDecimal(standing.planned),
      told: formatDecimal(standing.told),
      confirmed: formatDecimal(standing.confirmed),
      untold: formatDecimal(standing.untold),
      lastAcceptedAt: standing.lastAcceptedAt === null ? null : new Date(standing.lastAcceptedAt),
    }));
  }

  async #shown(reports: readonly ShownReport[]): Promise<MeterReportType[]> {
    const keys = await this.#keys();
    const now = this.#on.clock.now();
    return reports.map((report) => mapMeterReportType(report, keys.get(report.meterId) ?? report.meterId, now));
  }

  async #keys(): Promise<Map<string, string>> {
    return new Map((await this.#on.meters.all()).map((meter) => [meter.id, meter.definition.key]));
  }
}

function deadlineOf(kind: "IDENTIFIER" | "TIMESTAMP", at: EpochMs | null, now: EpochMs) {
  return at === null ? [] : [deadlineAt(kind, at, now)];
}

const textOrNull = (value: Decimal | undefined) => (value === undefined ? null : formatDecimal(value));
