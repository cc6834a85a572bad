import type { AlertBasis, AlertKind, AlertSeverity } from "@meterline/billing-domain";
import { Field, ID, ObjectType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, MoneyType, PageInfo } from "../../platform/graphql/index.ts";
import { MeterType } from "../catalog/index.ts";
import { AlertBasisEnum, AlertKindEnum, AlertSeverityEnum } from "./alert-enums.ts";

@ObjectType("AlertPeriod", { simpleResolvers: true, description: "Start inclusive, end exclusive." })
export class AlertPeriodType {
  @Field(() => DateTimeScalar)
  start: number;

  @Field(() => DateTimeScalar)
  end: number;
}

@ObjectType("CrossingBand", { simpleResolvers: true, description: "When a threshold is expected to be crossed." })
export class CrossingBandType {
  @Field(() => DateTimeScalar, { nullable: true })
  earliest: number | null;

  @Field(() => DateTimeScalar)
  expected: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Null: perhaps not in this period." })
  latest: number | null;
}

/** One threshold, crossed once. The deliveries module adds how it was told. */
@ObjectType("LimitAlert", { simpleResolvers: true, description: "One threshold crossed, once in a period." })
export class LimitAlertType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => String, {
    description:
      "Grows with every alert of the customer. Give the last one seen as `after`: nothing is missed, nothing comes twice.",
  })
  sequence: string;

  @Field(() => ID)
  ruleId: string;

  @Field(() => AlertKindEnum)
  kind: AlertKind;

  @Field(() => AlertBasisEnum)
  basis: AlertBasis;

  @Field(() => AlertSeverityEnum)
  severity: AlertSeverity;

  @Field(() => String, { nullable: true, description: "Null: the bill's total." })
  meterKey: string | null;

  @Field(() => MeterType, { nullable: true })
  meter: MeterType | null;

  @Field(() => ID, { nullable: true })
  limitId: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "Of the basis, in percent." })
  thresholdPercent: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "In units; null where it is money." })
  thresholdQuantity: string | null;

  @Field(() => MoneyType, { nullable: true, description: "Null where it is units." })
  thresholdAmount: MoneyType | null;

  @Field(() => DecimalScalar, { nullable: true, description: "Where usage stood; of a FORECAST, what is expected." })
  valueQuantity: string | null;

  @Field(() => MoneyType, { nullable: true })
  valueAmount: MoneyType | null;

  @Field(() => AlertPeriodType)
  period: AlertPeriodType;

  @Field(() => DateTimeScalar)
  crossedAt: number;

  @Field(() => CrossingBandType, { nullable: true, description: "Of a FORECAST." })
  expectedCrossing: CrossingBandType | null;

  @Field(() => String)
  title: string;

  @Field(() => String, { description: "A sentence or two, in the customer's time zone." })
  words: string;
}

@ObjectType({ simpleResolvers: true })
export class LimitAlertConnection {
  @Field(() => [LimitAlertType], { description: "Latest first." })
  nodes: LimitAlertType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;
}
