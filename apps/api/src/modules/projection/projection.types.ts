import type { AlertBasis, ForecastMethod } from "@meterline/billing-domain";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, MoneyType } from "../../platform/graphql/index.ts";
import { AlertBasisEnum, CrossingBandType } from "../alerts/index.ts";
import { MeterType } from "../catalog/index.ts";
import { BillingPeriodType } from "../rating/index.ts";

export const ForecastMethodEnum = {
  PATTERN: "PATTERN",
  FEW_DAYS: "FEW_DAYS",
  LEVEL: "LEVEL",
  LASTING: "LASTING",
  SO_FAR: "SO_FAR",
} as const;
registerEnumType(ForecastMethodEnum, {
  name: "ForecastMethod",
  description:
    "PATTERN: the usual week, at today's level. FEW_DAYS: the same with little to go by. LEVEL: what is in force goes on. LASTING: of a highest or last value, or of distinct things. SO_FAR: nothing to go by but what was used.",
});

@ObjectType("ForecastPoint", { simpleResolvers: true, description: "Four times of five between low and high." })
export class ForecastPointType {
  @Field(() => DateTimeScalar)
  at: number;

  @Field(() => DecimalScalar)
  low: string;

  @Field(() => DecimalScalar)
  expected: string;

  @Field(() => DecimalScalar)
  high: string;
}

@ObjectType("ProjectedCrossing", { simpleResolvers: true })
export class ProjectedCrossingType {
  @Field(() => AlertBasisEnum)
  basis: AlertBasis;

  @Field(() => ID, { nullable: true })
  limitId: string | null;

  @Field(() => DecimalScalar, { description: "Units of the meter." })
  threshold: string;

  @Field(() => CrossingBandType)
  crossing: CrossingBandType;

  @Field(() => String, { description: '"At this pace you cross 1,000,000 requests on about 23 Nov (19th–26th)."' })
  words: string;
}

@ObjectType("ProjectionLine", { simpleResolvers: true, description: "A meter at the end of the billing period." })
export class ProjectionLineType {
  @Field(() => String)
  meterKey: string;

  @Field(() => MeterType)
  meter: MeterType;

  @Field(() => DecimalScalar, { description: "So far, exact." })
  usedQuantity: string;

  @Field(() => DecimalScalar)
  lowQuantity: string;

  @Field(() => DecimalScalar)
  expectedQuantity: string;

  @Field(() => DecimalScalar)
  highQuantity: string;

  @Field(() => MoneyType, { nullable: true, description: "Null where the plan has no price for the meter." })
  low: MoneyType | null;

  @Field(() => MoneyType, { nullable: true })
  expected: MoneyType | null;

  @Field(() => MoneyType, { nullable: true })
  high: MoneyType | null;

  @Field(() => [ForecastPointType], { description: "Where it will stand at the end of each remaining local day." })
  path: ForecastPointType[];

  @Field(() => [ProjectedCrossingType], { description: "What is expected to be crossed before the period ends." })
  crossings: ProjectedCrossingType[];

  @Field(() => ForecastMethodEnum)
  method: ForecastMethod;

  @Field(() => Int, { description: "Whole days of usage that it was made from." })
  daysKnown: number;

  @Field(() => String, { description: "What it was made from, in a sentence." })
  basis: string;
}

@ObjectType("Projection", {
  simpleResolvers: true,
  description: "The bill at the end of the billing period: four times of five between low and high.",
})
export class ProjectionType {
  @Field(() => BillingPeriodType)
  period: BillingPeriodType;

  @Field(() => MoneyType, { description: "As consumption has it now." })
  soFar: MoneyType;

  @Field(() => MoneyType)
  low: MoneyType;

  @Field(() => MoneyType)
  expected: MoneyType;

  @Field(() => MoneyType)
  high: MoneyType;

  @Field(() => [ProjectionLineType])
  lines: ProjectionLineType[];

  @Field(() => DateTimeScalar)
  computedAt: number;

  @Field(() => String)
  words: string;
}
