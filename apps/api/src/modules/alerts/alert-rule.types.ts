import type { AlertBasis, AlertChannel, AlertKind, AlertRuleSource } from "@meterline/billing-domain";
import { Field, ID, InputType, ObjectType } from "type-graphql";
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

@ObjectType("AlertRulePreview", { simpleResolvers: true })
export class AlertRulePreview {
  @Field(() => String, { description: "What the rule would do, in a sentence." })
  words: string;

  @Field(() => [DateTimeScalar], { description: "When it would have fired in the billing period before this one." })
  firedAt: Date[];

  @Field(() => DateTimeScalar, { nullable: true, description: "Null where there is no period before this one." })
  periodStart: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  periodEnd: Date | null;

  @Field(() => String, { description: '"On the usage of the last billing period this would have fired on the 9th."' })
  pastWords: string;
}

@InputType()
export class AlertRuleInputType {
  @Field(() => ID)
  customerId: string;

  @Field(() => AlertKindEnum)
  kind: AlertKind;

  @Field(() => AlertBasisEnum)
  basis: AlertBasis;

  @Field(() => String, { nullable: true, description: "Left out: the bill's total, with MONEY." })
  meterKey?: string | null;

  @Field(() => ID, { nullable: true, description: "With LIMIT." })
  limitId?: string | null;

  @Field(() => [DecimalScalar], {
    nullable: true,
    description: "Of the basis, each more than 0 and at most 500. Default: 80 and 100, or 100 of UNITS and MONEY.",
  })
  percents?: string[] | null;

  @Field(() => DecimalScalar, { nullable: true, description: "With UNITS." })
  quantity?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "With MONEY, in major units of the customer's currency." })
  amount?: string | null;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => [AlertChannelEnum], { nullable: true, description: "Default: all of them." })
  channels?: AlertChannel[] | null;
}

@InputType({ description: "What is left out stays." })
export class AlertRuleChangeInput {
  @Field(() => ID)
  customerId: string;

  @Field(() => ID)
  id: string;

  @Field(() => [DecimalScalar], { nullable: true })
  percents?: string[] | null;

  @Field(() => DecimalScalar, { nullable: true })
  quantity?: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  amount?: string | null;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => [AlertChannelEnum], { nullable: true })
  channels?: AlertChannel[] | null;

  @Field(() => Boolean, { nullable: true })
  enabled?: boolean | null;
}

@ObjectType("QuietHours", { simpleResolvers: true, description: "On the customer's clock." })
export class QuietHoursType {
  @Field(() => String)
  from: string;

  @Field(() => String)
  to: string;
}

@ObjectType("AlertSettings", { simpleResolvers: true })
export class AlertSettingsType {
  @Field(() => QuietHoursType, {
    nullable: true,
    description: "Mail waits for their end, unless usage is being refused.",
  })
  quietHours: QuietHoursType | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Until then nothing is told outside the app." })
  snoozedUntil: number | null;

  @Field(() => [DecimalScalar], { description: "Thresholds of the rules that follow from plan and limits." })
  defaultPercents: string[];

  @Field(() => Boolean, { description: "Whether those rules warn beforehand." })
  defaultForecast: boolean;
}

@InputType()
export class QuietHoursInputType {
  @Field(() => String, { description: '"22:00"' })
  from: string;

  @Field(() => String, { description: '"07:00"' })
  to: string;
}

@InputType({ description: "What is left out stays; null puts back what comes by itself." })
export class AlertSettingsInput {
  @Field(() => ID)
  customerId: string;

  @Field(() => QuietHoursInputType, { nullable: true })
  quietHours?: QuietHoursInputType | null;

  @Field(() => DateTimeScalar, { nullable: true })
  snoozedUntil?: string | null;

  @Field(() => [DecimalScalar], { nullable: true })
  defaultPercents?: string[] | null;

  @Field(() => Boolean, { nullable: true })
  defaultForecast?: boolean | null;
}
