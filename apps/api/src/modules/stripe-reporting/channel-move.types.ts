import { type EpochMs, formatDecimal, type ReportChannel } from "@meterline/billing-domain";
import { Field, ID, ObjectType } from "type-graphql";
import { DateTimeScalar, DecimalScalar } from "../../platform/graphql/index.ts";
import type { StoredMove } from "./channel-move.repository.ts";
import { ReportChannelEnum } from "./meter-report.types.ts";
import type { ParityRow } from "./parity.service.ts";

/** A customer's move between usage records and meters. */
@ObjectType("ReportChannelMove", { simpleResolvers: true })
export class ReportChannelMoveType {
  @Field(() => ID)
  customerId: string;

  @Field(() => ReportChannelEnum)
  from: ReportChannel;

  @Field(() => ReportChannelEnum)
  to: ReportChannel;

  @Field(() => DateTimeScalar, { description: "From here on both are told." })
  shadowSince: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: "From this edge of a period on only `to` is told." })
  cutOverAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "From this edge on everything is as before." })
  rolledBackAt: Date | null;
}

/** One meter of a customer's parity sheet. */
@ObjectType("ParityRow", { simpleResolvers: true })
export class ParityRowType {
  @Field(() => String)
  meterKey: string;

  @Field(() => DateTimeScalar)
  periodStart: Date;

  @Field(() => DateTimeScalar)
  periodEnd: Date;

  @Field(() => DecimalScalar)
  ours: string;

  @Field(() => DecimalScalar)
  toldByEvents: string;

  @Field(() => DecimalScalar)
  toldByRecords: string;

  @Field(() => DecimalScalar, { nullable: true, description: "By Stripe's meter summary." })
  countedByEvents: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "By Stripe's usage record summary." })
  countedByRecords: string | null;

  @Field(() => Boolean, { description: "Both count ours; of records, its whole units." })
  isEqual: boolean;

  @Field(() => String, { nullable: true, description: "Why Stripe's numbers could not be read." })
  fault: string | null;
}

/** A move as staff see it. */
export function mapMove(move: StoredMove): ReportChannelMoveType {
  const { customerId, from, to } = move;
  return {
    customerId,
    from,
    to,
    shadowSince: new Date(move.shadowSince),
    cutOverAt: dateOf(move.cutOverAt),
    rolledBackAt: dateOf(move.rolledBackAt),
  };
}

/** A row of the sheet as staff see it. */
export function mapParity(row: ParityRow): ParityRowType {
  const { meterKey, isEqual, fault } = row;
  return {
    meterKey,
    isEqual,
    fault,
    periodStart: new Date(row.window.startAt),
    periodEnd: new Date(row.window.endAt),
    ours: formatDecimal(row.ours),
    toldByEvents: formatDecimal(row.toldByEvents),
    toldByRecords: formatDecimal(row.toldByRecords),
    countedByEvents: row.countedByEvents === null ? null : formatDecimal(row.countedByEvents),
    countedByRecords: row.countedByRecords === null ? null : formatDecimal(row.countedByRecords),
  };
}

const dateOf = (at: EpochMs | null) => (at === null ? null : new Date(at));
