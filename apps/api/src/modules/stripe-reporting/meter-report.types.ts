import type { AlarmLevel, DeadlineKind, ReportChannel, ReportMode, ReportState } from "@meterline/billing-domain";
import { Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, PageInfo } from "../../platform/graphql/index.ts";
import type { ReportKind } from "./meter-report.record.ts";
import type { ReportTransport } from "./report-route.ts";

/** Where a meter report stands. */
export const MeterReportStateEnum = {
  PENDING: "PENDING",
  SENDING: "SENDING",
  ACCEPTED: "ACCEPTED",
  CONFIRMED: "CONFIRMED",
  UNCERTAIN: "UNCERTAIN",
  NOT_COUNTED: "NOT_COUNTED",
  REFUSED: "REFUSED",
  DEAD: "DEAD",
} as const satisfies { [K in ReportState]: K };
registerEnumType(MeterReportStateEnum, {
  name: "MeterReportState",
  valuesConfig: {
    ACCEPTED: { description: "Stripe answered that it has it, which is not yet counted." },
    CONFIRMED: { description: "Stripe's own summary has it." },
    UNCERTAIN: { description: "It may have been counted, and is looked up before anything else is done." },
    NOT_COUNTED: { description: "It was found not to be counted; another report took its place." },
    REFUSED: { description: "Stripe accepted it and refused it later, by an error report." },
    DEAD: { description: "Stripe refused it, or it could not be sent any more." },
  },
});

/** By which of Stripe's two counters something is told. */
export const ReportChannelEnum = { EVENTS: "EVENTS", RECORDS: "RECORDS" } as const satisfies {
  [K in ReportChannel]: K;
};
registerEnumType(ReportChannelEnum, {
  name: "ReportChannel",
  valuesConfig: {
    EVENTS: { description: "A Billing Meter." },
    RECORDS: { description: "Usage records of a subscription item, from before Billing Meters." },
  },
});

/** How near a deadline is. */
export const AlarmLevelEnum = {
  NONE: "NONE",
  WARNING: "WARNING",
  CRITICAL: "CRITICAL",
  PASSED: "PASSED",
} as const satisfies {
  [K in AlarmLevel]: K;
};
registerEnumType(AlarmLevelEnum, { name: "AlarmLevel" });

/** What ends when, for a report. */
@ObjectType("ReportDeadline", { simpleResolvers: true })
export class ReportDeadlineType {
  @Field(() => String, {
    description: "IDENTIFIER, CANCEL, TIMESTAMP or FINALIZATION: see docs/stripe.md.",
  })
  kind: DeadlineKind;

  @Field(() => DateTimeScalar)
  at: Date;

  @Field(() => Int, { description: "Whole hours that are left; negative once it is past." })
  hoursLeft: number;

  @Field(() => AlarmLevelEnum)
  alarm: AlarmLevel;
}

/** One quantity told, or to be told, to Stripe. */
@ObjectType("MeterReport", { simpleResolvers: true })
export class MeterReportType {
  @Field(() => ID, { description: "The identifier under which Stripe knows it." })
  id: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => String)
  meterKey: string;

  @Field(() => ReportChannelEnum)
  channel: ReportChannel;

  @Field(() => DateTimeScalar)
  periodStart: Date;

  @Field(() => Int)
  sequence: number;

  @Field(() => String, { description: "USAGE, CANCEL, REPAIR (in the place of another), or FOUND (never sent)." })
  kind: ReportKind;

  @Field(() => String, { description: "DELTA tells the difference, VALUE the total." })
  mode: ReportMode;

  @Field(() => DecimalScalar)
  delta: string;

  @Field(() => DecimalScalar)
  totalAfter: string;

  @Field(() => DateTimeScalar, { description: "The time that Stripe is told." })
  eventAt: Date;

  @Field(() => String)
  transport: ReportTransport;

  @Field(() => MeterReportStateEnum)
  state: ReportState;

  @Field(() => Int)
  attempts: number;

  @Field(() => DateTimeScalar, { nullable: true })
  nextAttemptAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  firstSentAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Since when it may have been counted unknown to us." })
  doubtfulSince: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  acceptedAt: Date | null;

  @Field(() => String, { nullable: true })
  failureCode: string | null;

  @Field(() => String, { nullable: true })
  failureMessage: string | null;

  @Field(() => Int, { nullable: true, description: "The report that this one takes back, or whose place it took." })
  correctsSequence: number | null;

  @Field(() => Int, { nullable: true })
  replacedBySequence: number | null;

  @Field(() => [ReportDeadlineType], { description: "Nearest first." })
  deadlines: ReportDeadlineType[];

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

/** A page of reports. */
@ObjectType("MeterReportConnection", { simpleResolvers: true })
export class MeterReportConnection {
  @Field(() => [MeterReportType])
  nodes: MeterReportType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;
}

/** What Stripe was told of a meter in a billing period, beside what it comes to. */
@ObjectType("ToldTotal", { simpleResolvers: true })
export class ToldTotalType {
  @Field(() => String)
  meterKey: string;

  @Field(() => ReportChannelEnum)
  channel: ReportChannel;

  @Field(() => DecimalScalar, { nullable: true, description: "Our total; null where the meter is not told any more." })
  ours: string | null;

  @Field(() => DecimalScalar, { description: "The sum of the reports that stand, told or not." })
  planned: string;

  @Field(() => DecimalScalar, { description: "What Stripe accepted of it." })
  told: string;

  @Field(() => DecimalScalar, { description: "What Stripe's summary has confirmed of it." })
  confirmed: string;

  @Field(() => Int)
  pending: number;

  @Field(() => Int)
  uncertain: number;

  @Field(() => Int)
  dead: number;

  @Field(() => DecimalScalar, { description: "What cannot be told any more, or at all." })
  untold: string;

  @Field(() => String, { nullable: true, description: "TOO_OLD or TOO_LARGE." })
  refusal: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  lastAcceptedAt: Date | null;
}

/** How many reports are in a state; counting stops at 100,001. */
@ObjectType("MeterReportCount", { simpleResolvers: true })
export class MeterReportCount {
  @Field(() => MeterReportStateEnum)
  state: ReportState;

  @Field(() => Int)
  count: number;
}

/** How reporting to Stripe is doing. */
@ObjectType("ReportingStatus", { simpleResolvers: true })
export class ReportingStatus {
  @Field(() => Boolean, { description: "False where no key is set: nothing is told to Stripe." })
  isConfigured: boolean;

  @Field(() => [MeterReportCount], { description: "What is not settled, and what waits for a person." })
  counts: MeterReportCount[];

  @Field(() => Float, { description: "How long the report that is due longest has been due." })
  lagSeconds: number;

  @Field(() => DateTimeScalar, { nullable: true })
  oldestDueAt: Date | null;

  @Field(() => [ReportDeadlineType], { description: "The nearest of each kind, over everything that is not settled." })
  deadlines: ReportDeadlineType[];

  @Field(() => AlarmLevelEnum, { description: "The worst of them." })
  alarm: AlarmLevel;

  @Field(() => Int, { description: "Customers, meters and periods of which something cannot be told; at most 1,000." })
  untoldLines: number;

  @Field(() => Int, { nullable: true, description: "GETs left of the account's allowance in these 30 days." })
  readsLeft: number | null;
}

/** What replaying dead letters came to. */
@ObjectType("ReplayResult", { simpleResolvers: true })
export class ReplayResult {
  @Field(() => Int)
  replayed: number;

  @Field(() => Int, { description: "Too old for Stripe; they stay as they are." })
  tooOld: number;
}
