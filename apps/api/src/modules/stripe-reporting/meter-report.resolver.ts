import type { ReportChannel, ReportState } from "@meterline/billing-domain";
import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import { isUuid } from "../../platform/database/index.ts";
import {
  badUserInput,
  conflict,
  DateTimeScalar,
  decodeCursor,
  invariant,
  notFound,
  pageSize,
  parseInstant,
  type RequestContext,
  toPage,
} from "../../platform/graphql/index.ts";
import type { Meters } from "../catalog/index.ts";
import type { DeadLetterService } from "./dead-letter.service.ts";
import type { MeterReportQueryService } from "./meter-report.service.ts";
import {
  MeterReportConnection,
  MeterReportStateEnum,
  MeterReportType,
  ReplayResult,
  ReportChannelEnum,
  ReportingStatus,
  ToldTotalType,
} from "./meter-report.types.ts";

/** What the resolver stands on. `nudge` has the sender look at once; it does nothing where another process leads. */
export type MeterReportResolverParts = {
  reports: MeterReportQueryService;
  deadLetters: DeadLetterService;
  meters: Meters;
  nudge: () => void;
};

const maxReplayed = 1_000;
const attentionStates: readonly ReportState[] = ["DEAD", "REFUSED", "UNCERTAIN"];

/** Staff's view of what Stripe was told, and what they do about what did not arrive. */
@Resolver()
export class MeterReportResolver {
  readonly #on: MeterReportResolverParts;

  constructor(parts: MeterReportResolverParts) {
    this.#on = parts;
  }

  @Query(() => ReportingStatus)
  async reportingStatus(@Ctx() context: RequestContext): Promise<ReportingStatus> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    return this.#on.reports.status();
  }

  @Query(() => MeterReportConnection, { description: "Of one customer, meter and billing period; latest first." })
  async meterReports(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("meterKey", () => String) meterKey: string,
    @Arg("periodStart", () => DateTimeScalar) periodStart: string,
    @Arg("channel", () => ReportChannelEnum, { defaultValue: "EVENTS" }) channel: ReportChannel = "EVENTS",
    @Arg("first", () => Int, { defaultValue: 50 }) first = 50,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<MeterReportConnection> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const limit = pageSize(first);
    const before = after ? Number(decodeCursor(after, 1)[0]) : null;
    if (before !== null && !Number.isInteger(before))
      throw badUserInput("after is not a cursor of this list.", "after");
    const periodStartAt = parseInstant(periodStart, "periodStart");
    const of = { customerId: knownId(customerId), meterKey, channel, periodStartAt, before, limit: limit + 1 };
    return toPage(await this.#on.reports.line(of), limit, (report) => [String(report.sequence)]);
  }

  @Query(() => MeterReportConnection, { description: "What needs a person, or may: DEAD, REFUSED and UNCERTAIN ones." })
  async meterReportsForAttention(
    @Ctx() context: RequestContext,
    @Arg("states", () => [MeterReportStateEnum], { nullable: true }) states?: ReportState[] | null,
    @Arg("customerId", () => ID, { nullable: true }) customerId?: string | null,
    @Arg("first", () => Int, { defaultValue: 50 }) first = 50,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<MeterReportConnection> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const limit = pageSize(first);
    const { reports, shown } = await this.#on.reports.attention({
      states: states ?? attentionStates,
      customerId: customerId ? knownId(customerId) : null,
      limit: limit + 1,
      after: after ? decodeCursor(after, 4) : null,
    });
    const cursors = new Map(
      reports.map((one, index) => [
        shown[index],
        [new Date(one.createdAt).toISOString(), one.customerId, one.meterId, String(one.sequence)],
      ]),
    );
    return toPage(shown, limit, (report) => cursors.get(report) ?? []);
  }

  @Query(() => [ToldTotalType], { description: "What Stripe was told of a billing period, beside our own totals." })
  async toldTotals(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("periodStart", () => DateTimeScalar) periodStart: string,
  ): Promise<ToldTotalType[]> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    return this.#on.reports.told(knownId(customerId), parseInstant(periodStart, "periodStart"));
  }

  @Mutation(() => ReplayResult, { description: "Tells dead letters again, each under a new name; at most 1,000." })
  async replayMeterReports(
    @Ctx() context: RequestContext,
    @Arg("ids", () => [ID]) ids: string[],
  ): Promise<ReplayResult> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    if (ids.length > maxReplayed) throw badUserInput(`At most ${maxReplayed} at a time.`, "ids");
    const outcome = await this.#on.deadLetters.replay(viewer, ids);
    this.#on.nudge();
    return outcome;
  }

  @Mutation(() => ReplayResult, { description: "The same for up to 1,000 that fit; call it until replayed is 0." })
  async replayAllMeterReports(
    @Ctx() context: RequestContext,
    @Arg("failureCode", () => String, { nullable: true }) failureCode?: string | null,
    @Arg("meterKey", () => String, { nullable: true }) meterKey?: string | null,
    @Arg("customerId", () => ID, { nullable: true }) customerId?: string | null,
  ): Promise<ReplayResult> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    const meter = meterKey ? (await this.#on.meters.find([meterKey])).get(meterKey) : undefined;
    if (meterKey && meter === undefined) throw notFound("There is no such meter.", "meterKey");
    const outcome = await this.#on.deadLetters.replayAll(viewer, {
      code: failureCode ?? null,
      meterId: meter?.id ?? null,
      customerId: customerId ? knownId(customerId) : null,
      limit: maxReplayed,
    });
    this.#on.nudge();
    return outcome;
  }

  @Mutation(() => MeterReportType, {
    description: "A person looked an UNCERTAIN report up at Stripe: it was counted, or was not and is told anew.",
  })
  async decideMeterReport(
    @Ctx() context: RequestContext,
    @Arg("id", () => ID) id: string,
    @Arg("wasCounted", () => Boolean) wasCounted: boolean,
    @Arg("reason", () => String) reason: string,
  ): Promise<MeterReportType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    if (reason.trim() === "" || reason.length > 1_000) throw badUserInput("reason: 1 to 1,000 characters.", "reason");
    const outcome = await this.#on.deadLetters.decide(viewer, { identifier: id, wasCounted, reason });
    if (!outcome.ok && outcome.code === "UNKNOWN") throw notFound("There is no such meter report.", "id");
    if (!outcome.ok) throw conflict(decisionFaults[outcome.code], "id");
    this.#on.nudge();
    const report = await this.#on.reports.one(id);
    invariant(report !== null, "a report that was decided is there");
    return report;
  }
}

const decisionFaults = {
  NOT_UNCERTAIN: "This report is not uncertain any more.",
  TOO_OLD: "Stripe takes no usage of its period any more; settle the difference by a credit note.",
  UNKNOWN: "There is no such meter report.",
} as const;

function knownId(id: string): string {
  if (!isUuid(id)) throw notFound("There is no such customer.", "customerId");
  return id;
}
