import {
  channelsOfPeriod,
  correctionRoute,
  type Decimal,
  decimal,
  type EpochMs,
  OLDEST_EVENT_MS,
  type PlannedReport,
  planReports,
  type ReportChannel,
  type ReportMode,
  wholeUnits,
  ZERO,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql, Transaction } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import type { ChannelMoves } from "./channel-move.repository.ts";
import type { LevelTargets } from "./level-target.read-model.ts";
import { lineKey } from "./meter-report.record.ts";
import type { PlanOutcome } from "./meter-reporting.types.ts";
import { selectCancellable, selectOldestUntried } from "./plan.sql.ts";
import { type MeterRoute, type ReportRoutes, travelOf } from "./report-route.ts";
import { movedTargets, type ReportTarget } from "./report-target.read-model.ts";
import { type CursorMove, moveReportCursors, type NewReport, writeReports } from "./report.repository.ts";

/** What the planner stands on. */
export type PlannerParts = {
  database: Database;
  clock: Clock;
  routes: ReportRoutes;
  moves: ChannelMoves;
  levels: LevelTargets;
};

const customersAtATime = 200;
const targetsAtATime = 2_000;
/** Planners that meet at one total try again; more often than this and something else is wrong. */
const maxPasses = 50;
/** What is planned and does not get away for this long stops the planning: later reports say the same in fewer rows. */
const pauseAfterMs = 15 * 60_000;

/** Finds what Stripe has not been told, and writes it down as reports. Decides nothing itself: `planReports` does. */
export class ReportPlanner {
  readonly #on: PlannerParts;

  constructor(parts: PlannerParts) {
    this.#on = parts;
  }

  /** Every linked customer, in batches of which each is a transaction of its own. */
  async planDue(): Promise<PlanOutcome> {
    const { database, routes, clock } = this.#on;
    const outcome: PlanOutcome = { customers: 0, planned: 0, refused: 0, paused: false };
    const [oldest] = await database.query<{ at: Date | null }>(selectOldestUntried);
    if (oldest?.at && oldest.at.getTime() < clock.now() - pauseAfterMs) return { ...outcome, paused: true };
    const meters = await routes.meters(database);
    if (meters.size === 0) return outcome;
    for (let after: string | null = null; ; ) {
      const customerIds: string[] = await routes.customersAfter(database, after, customersAtATime);
      if (customerIds.length === 0) return outcome;
      after = customerIds.at(-1) ?? null;
      const { planned, refused } = await this.#planCustomers(customerIds, meters, null);
      outcome.customers += customerIds.length;
      outcome.planned += planned;
      outcome.refused += refused;
      if (customerIds.length < customersAtATime) return outcome;
    }
  }

  /** One billing period of a customer. */
  async planPeriod(customerId: string, periodStartAt: EpochMs): Promise<PlanOutcome> {
    const meters = await this.#on.routes.meters(this.#on.database);
    const done = await this.#planCustomers([customerId], meters, periodStartAt);
    return { customers: 1, ...done, paused: false };
  }

  /** What each meter of a customer's billing period comes to now, as it would be planned. Changes nothing. */
  async ours(customerId: string, periodStartAt: EpochMs): Promise<Map<string, Decimal>> {
    const { database, moves, routes } = this.#on;
    const meters = await routes.meters(database);
    const moving = await moves.ofCustomers(database, [customerId]);
    const ours = new Map<string, Decimal>();
    for (const group of groupsOf([customerId], meters, moving)) {
      const { targets } = await this.#targets({ ...group, periodStartAt });
      for (const { meterId, target } of targets) ours.set(meterId, target);
    }
    return ours;
  }

  async #planCustomers(
    customerIds: readonly string[],
    meters: ReadonlyMap<string, MeterRoute>,
    periodStartAt: EpochMs | null,
  ): Promise<{ planned: number; refused: number }> {
    const { database, moves } = this.#on;
    const done = { planned: 0, refused: 0 };
    const moving = await moves.ofCustomers(database, customerIds);
    const movers = await this.#on.routes.customers(database, [...moving.keys()]);
    for (const group of groupsOf(customerIds, meters, moving)) {
      for (let pass = 0; pass < maxPasses; pass += 1) {
        const { targets, isFull } = await this.#targets({ ...group, periodStartAt });
        const told = targets.filter(({ customerId, meterId, window }) => {
          const route = meters.get(meterId);
          if (route === undefined) return false;
          const standard = route.channel;
          const mover = movers.get(customerId);
          if (
            standard === "EVENTS" &&
            mover !== undefined &&
            mover.recordItem(route.meterKey, window.startAt) === null
          ) {
            // A meter that no item takes records of is told as ever, whoever moves; a subscription that is on its way is waited
            // for, since only it says which.
            return group.channel === "EVENTS" && mover.isBilledAt(window.startAt);
          }
          return channelsOfPeriod(standard, moving.get(customerId) ?? null, window).told.includes(group.channel);
        });
        const { planned, refused, missed } = await this.#planTargets(told, meters);
        done.planned += planned;
        done.refused += refused;
        // Where another planner came first, and where a page was full, there may be more.
        if (missed === 0 && !(isFull && planned > 0 && periodStartAt === null)) break;
      }
    }
    return done;
  }

  async #targets(of: TargetGroup & { periodStartAt: EpochMs | null }): Promise<{
    targets: ReportTarget[];
    isFull: boolean;
  }> {
    const { database, clock, levels } = this.#on;
    const now = clock.now();
    const routes = new Map(of.routes.map((route) => [route.meterId, route]));
    const isLevel = (meterId: string) => routes.get(meterId)?.aggregation === "WEIGHTED_SUM";
    const moved = await movedTargets(
      database,
      { ...of, meterIds: [...routes.keys()], endedAfter: now - OLDEST_EVENT_MS, limit: targetsAtATime },
      (meterId) => routes.get(meterId)?.aggregation ?? null,
    );
    const measured = await levels.due(database, {
      ...of,
      routes: of.routes.filter((route) => isLevel(route.meterId)),
      moved: moved.targets.filter((target) => isLevel(target.meterId)),
      now,
    });
    return {
      targets: [...moved.targets.filter((target) => !isLevel(target.meterId)), ...measured],
      isFull: moved.isFull,
    };
  }

  async #planTargets(
    targets: readonly ReportTarget[],
    meters: ReadonlyMap<string, MeterRoute>,
  ): Promise<{ planned: number; refused: number; missed: number }> {
    if (targets.length === 0) return { planned: 0, refused: 0, missed: 0 };
    const now = this.#on.clock.now();
    const plans: { move: CursorMove; reports: NewReport[] }[] = [];
    for (const target of targets) plans.push(await this.#plan(target, meters, now));
    return this.#on.database.transaction(async (transaction: Transaction) => {
      const moved = await moveReportCursors(
        transaction,
        plans.map((plan) => plan.move),
      );
      const reports = plans.filter((plan) => moved.has(lineKey(plan.move))).flatMap((plan) => plan.reports);
      await writeReports(transaction, reports);
      const refused = plans.filter((plan) => plan.move.refusal !== null).length;
      return { planned: reports.length, refused, missed: plans.length - moved.size };
    });
  }

  async #plan(
    of: ReportTarget,
    meters: ReadonlyMap<string, MeterRoute>,
    now: EpochMs,
  ): Promise<{ move: CursorMove; reports: NewReport[] }> {
    const route = meters.get(of.meterId);
    if (route === undefined) throw new Error(`Invariant broken: no route of meter ${of.meterId}`);
    const { transport, mode } = travelOf(route, of.channel);
    const { cursor, window } = of;
    const line = {
      customerId: of.customerId,
      meterId: of.meterId,
      channel: of.channel,
      periodStartAt: window.startAt,
    };
    const target = of.channel === "RECORDS" ? wholeUnits(of.target) : of.target;
    const situation = { target, planned: cursor.planned, mode, window, now, lastEventAt: cursor.lastEventAt };
    const plan = planReports(situation);
    const written = plan.ok ? await this.#corrected(line, plan.reports, { mode, planned: cursor.planned, now }) : [];
    const reports = written.map(
      (report, index): NewReport => ({
        ...line,
        sequence: cursor.lastSequence + index + 1,
        mode,
        transport,
        createdAt: now,
        ...report,
      }),
    );
    return {
      reports,
      move: {
        ...line,
        periodEndAt: window.endAt,
        planned: reports.at(-1)?.totalAfter ?? cursor.planned,
        lastSequence: cursor.lastSequence + reports.length,
        lastEventAt: reports.at(-1)?.eventAt ?? cursor.lastEventAt,
        version: cursor.version + 1,
        seen: of.seen,
        refusal: plan.ok ? null : plan.code,
        // What usage records cannot say, being whole units, is untold too.
        untold: plan.ok ? of.target.minus(target) : of.target.minus(cursor.planned),
        plannedAt: now,
      },
    };
  }

  /** Takes one report back by name where that alone puts the total right; else as planned. */
  async #corrected(
    line: { customerId: string; meterId: string; channel: ReportChannel; periodStartAt: EpochMs },
    reports: readonly PlannedReport[],
    of: { mode: ReportMode; planned: Decimal; now: EpochMs },
  ): Promise<Pick<NewReport, "kind" | "delta" | "totalAfter" | "eventAt" | "correctsSequence">[]> {
    const asUsage = reports.map((report) => ({ ...report, kind: "USAGE" as const, correctsSequence: null }));
    const [only] = reports;
    if (only === undefined || reports.length > 1 || !only.delta.lt(ZERO) || of.mode === "VALUE") return asUsage;
    const accepted = await cancellable(this.#on.database, line, of.now);
    const route = correctionRoute({
      delta: only.delta,
      mode: of.mode,
      // A period whose invoice is final is frozen, and its total does not move any more.
      invoice: "OPEN",
      accepted,
      hasOpenPeriod: true,
      now: of.now,
    });
    if (route.route !== "CANCEL") return asUsage;
    // It takes effect at the time of what it takes back.
    const eventAt = accepted.find((report) => report.sequence === route.sequence)?.eventAt ?? only.eventAt;
    return [{ ...only, eventAt, kind: "CANCEL", correctsSequence: route.sequence }];
  }
}

const dayMs = 86_400_000;

/** Customers that are told of the same meters by the same channel. */
type TargetGroup = { customerIds: readonly string[]; channel: ReportChannel; routes: readonly MeterRoute[] };

/** Most customers are told of each meter by the meter's own channel; those that move, perhaps by both. */
function groupsOf(
  customerIds: readonly string[],
  meters: ReadonlyMap<string, MeterRoute>,
  moving: ReadonlyMap<string, unknown>,
): TargetGroup[] {
  const all = [...meters.values()];
  const staying = customerIds.filter((id) => !moving.has(id));
  const channels: ReportChannel[] = ["EVENTS", "RECORDS"];
  return channels
    .flatMap((channel): TargetGroup[] => [
      { customerIds: staying, channel, routes: all.filter((route) => route.channel === channel) },
      { customerIds: [...moving.keys()], channel, routes: all },
    ])
    .filter((group) => group.customerIds.length > 0 && group.routes.length > 0);
}

async function cancellable(
  sql: Sql,
  line: { customerId: string; meterId: string; channel: ReportChannel; periodStartAt: EpochMs },
  now: EpochMs,
) {
  const rows = await sql.query<CancellableRow>(selectCancellable, [
    line.customerId,
    line.meterId,
    line.channel,
    instantText(line.periodStartAt),
    instantText(now - dayMs),
  ]);
  return rows.map((row) => ({
    sequence: row.sequence,
    delta: decimal(row.delta),
    eventAt: row.event_at.getTime(),
    acceptedAt: row.accepted_at.getTime(),
    isCorrected: row.is_corrected,
  }));
}

type CancellableRow = { sequence: number; delta: string; event_at: Date; accepted_at: Date; is_corrected: boolean };
