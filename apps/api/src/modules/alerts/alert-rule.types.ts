import type { AlertBasis, AlertChannel, AlertKind, AlertRuleSource } from "@meterline/billing-domain";
import { Field, ID, ObjectType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, MoneyType } from "../../platform/graphql/index.ts";
import { MeterType } from "../catalog/index.ts";
import { AlertBasisEnum, AlertChannelEnum, AlertKindEnum, AlertRuleSourceEnum } from "./alert-enums.ts";

/** What a customer is warned of. */
@ObjectType("AlertRule", { simpleResolvers: true })
export class AlertRuleType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => AlertKindEnum)
  kind: AlertKind;

  @Field(() => AlertBasisEnum)
  basis: AlertBasis;

  @Field(() => String, { nullable: true, description: "Null: the bill's total." })
  meterKey: string | null;

  @Field(() => MeterType, { nullable: true })
  meter: MeterType | null;

  @Field(() => ID, { nullable: true })
  limitId: string | null;

  @Field(() => [DecimalScalar], { description: "Of the basis; each fires on its own, once a period." })
  percents: string[];

  @Field(() => DecimalScalar, { nullable: true, description: "Of UNITS: 100 percent." })
  quantity: string | null;

  @Field(() => MoneyType, { nullable: true, description: "Of MONEY: 100 percent." })
  amount: MoneyType | null;

  @Field(() => String, { nullable: true })
  name: string | null;

  @Field(() => AlertRuleSourceEnum)
  source: AlertRuleSource;

  @Field(() => [AlertChannelEnum])
  channels: AlertChannel[];

  @Field(() => Boolean)
  enabled: boolean;

  @Field(() => DateTimeScalar, { nullable: true })
  snoozedUntil: number | null;

  @Field(() => String, { description: "What the rule does, in a sentence." })
  words: string;
}
