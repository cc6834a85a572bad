import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar } from "../../platform/graphql/index.ts";

/** A bar of a chart, in the customer's time zone; weeks start on Monday. */
export const GrainEnum = { HOUR: "HOUR", DAY: "DAY", WEEK: "WEEK", MONTH: "MONTH" } as const;
registerEnumType(GrainEnum, { name: "Grain", description: "In the customer's time zone; weeks start on Monday." });

@ObjectType({ simpleResolvers: true, description: "Usage from start (inclusive) to end (exclusive)." })
export class UsagePoint {
  @Field(() => DateTimeScalar)
  start: number;

  @Field(() => DateTimeScalar)
  end: number;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: "Null where nothing was measured and the aggregation has no value.",
  })
  quantity: string | null;

  @Field(() => Int)
  eventCount: number;
}

@ObjectType({ simpleResolvers: true })
export class UsageSeriesGroup {
  @Field(() => String)
  value: string;

  @Field(() => DecimalScalar, { nullable: true })
  total: string | null;

  @Field(() => [UsagePoint])
  points: UsagePoint[];
}

@ObjectType("UsageSeries", { simpleResolvers: true })
export class UsageSeriesType {
  @Field(() => String)
  meterKey: string;

  @Field(() => String)
  unit: string;

  @Field(() => GrainEnum)
  grain: keyof typeof GrainEnum;

  @Field(() => String)
  timeZone: string;

  @Field(() => [UsagePoint])
  points: UsagePoint[];

  @Field(() => [UsageSeriesGroup], {
    description: 'The 20 largest groups, then one labelled "(other)" when there are more.',
  })
  groups: UsageSeriesGroup[];

  @Field(() => DecimalScalar, {
    nullable: true,
    description: "The aggregate over the whole range, not the sum of the points.",
  })
  total: string | null;

  @Field(() => DateTimeScalar, { description: "Every event recorded before this instant is in the numbers." })
  completeThrough: number;
}
