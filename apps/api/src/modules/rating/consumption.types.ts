import type { PriceModelName } from "@meterline/billing-domain";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, MoneyType } from "../../platform/graphql/index.ts";
import { MeterType, PlanSubscriptionType, PricingModelEnum } from "../catalog/index.ts";
import { CustomerType } from "../customers/index.ts";
import { LimitStateType } from "../usage/index.ts";

/** OPEN until its end, CLOSING until it is frozen, which is after a grace hour, then CLOSED. */
export const BillingPeriodStateEnum = { OPEN: "OPEN", CLOSING: "CLOSING", CLOSED: "CLOSED" } as const;
registerEnumType(BillingPeriodStateEnum, { name: "BillingPeriodState" });

@ObjectType("BillingPeriod", { simpleResolvers: true, description: "Start inclusive, end exclusive." })
export class BillingPeriodType {
  @Field(() => DateTimeScalar)
  start: number;

  @Field(() => DateTimeScalar)
  end: number;

  @Field(() => BillingPeriodStateEnum)
  state: keyof typeof BillingPeriodStateEnum;
}

@ObjectType("TierCharge", { simpleResolvers: true, description: "One row of how a line was priced." })
export class TierChargeType {
  @Field(() => String)
  label: string;

  @Field(() => DecimalScalar, { nullable: true, description: "Exclusive lower bound of the tier, in units." })
  from: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "Inclusive upper bound; null is open-ended." })
  upTo: string | null;

  @Field(() => DecimalScalar)
  quantity: string;

  @Field(() => DecimalScalar, { nullable: true, description: "In major units of the currency, exact." })
  unitPrice: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "In major units of the currency, exact." })
  flatAmount: string | null;

  @Field(() => DecimalScalar, { description: "In major units of the currency, exact." })
  unroundedAmount: string;
}

@ObjectType({ simpleResolvers: true })
export class ConsumptionLine {
  @Field(() => String)
  meterKey: string;

  @Field(() => MeterType)
  meter: MeterType;

  @Field(() => DecimalScalar)
  quantity: string;

  @Field(() => String)
  eventCount: string;

  @Field(() => Boolean, {
    description: "False when nothing was measured and the aggregation has no value (MAX, LATEST).",
  })
  hasValue: boolean;

  @Field(() => DecimalScalar)
  includedQuantity: string;

  @Field(() => DecimalScalar)
  billableQuantity: string;

  @Field(() => DecimalScalar, { nullable: true, description: "Of the allowance; null where the line has none." })
  remainingQuantity: string | null;

  @Field(() => MoneyType)
  amount: MoneyType;

  @Field(() => DecimalScalar, { description: "In major units of the currency, exact." })
  unroundedAmount: string;

  @Field(() => [TierChargeType], {
    description: "How the amount was reached, in order; amounts sum to unroundedAmount.",
  })
  tiers: TierChargeType[];

  @Field(() => PricingModelEnum, { nullable: true, description: "Null where the plan has no price for the meter." })
  model: PriceModelName | null;

  @Field(() => LimitStateType, { nullable: true, description: "The strictest limit on the meter; null without one." })
  limit: LimitStateType | null;
}

@ObjectType("LateLine", {
  simpleResolvers: true,
  description:
    "What became known of a closed billing period after it was closed. Quantity and amount are signed differences " +
    "to what that period was billed.",
})
export class LateLineType {
  @Field(() => String, { nullable: true, description: "Null for what changed of the bill's own minimum or maximum." })
  meterKey: string | null;

  @Field(() => MeterType, { nullable: true })
  meter: MeterType | null;

  @Field(() => BillingPeriodType, { description: "The billing period that the usage belongs to." })
  source: BillingPeriodType;

  @Field(() => DecimalScalar)
  quantity: string;

  @Field(() => MoneyType)
  amount: MoneyType;

  @Field(() => Boolean, {
    description: "What Stripe's invoice of the closed period did not charge; the period that was open then bills it.",
  })
  isUncharged: boolean;

  @Field(() => DecimalScalar, { description: "What that period was billed before, late lines included." })
  billedQuantity: string;

  @Field(() => MoneyType)
  billedAmount: MoneyType;

  @Field(() => DecimalScalar, { nullable: true, description: "What that period comes to with everything known." })
  knownQuantity: string | null;

  @Field(() => MoneyType, { nullable: true })
  knownAmount: MoneyType | null;

  @Field(() => [TierChargeType], { description: "How knownAmount was reached." })
  tiers: TierChargeType[];
}

@ObjectType({ simpleResolvers: true })
export class BillAdjustment {
  @Field(() => String)
  label: string;

  @Field(() => MoneyType)
  amount: MoneyType;
}

@ObjectType({ simpleResolvers: true, description: "A customer's bill for one billing period, as far as it has got." })
export class Consumption {
  @Field(() => CustomerType)
  customer: CustomerType;

  @Field(() => PlanSubscriptionType, {
    nullable: true,
    description: "Absent when the customer had no plan at that instant; the period is then the calendar month in UTC.",
  })
  subscription: PlanSubscriptionType | null;

  @Field(() => BillingPeriodType)
  period: BillingPeriodType;

  @Field(() => MoneyType)
  baseFee: MoneyType;

  @Field(() => [ConsumptionLine])
  lines: ConsumptionLine[];

  @Field(() => [BillAdjustment], { description: "Minimum and maximum of the whole bill, where they bit." })
  adjustments: BillAdjustment[];

  @Field(() => [LateLineType], { description: "What came late of earlier, closed periods and is billed in this one." })
  lateLines: LateLineType[];

  @Field(() => MoneyType, { description: "Base fee, lines, adjustments and late lines." })
  total: MoneyType;

  @Field(() => LimitStateType, { nullable: true, description: "The strictest limit on the whole bill." })
  limit: LimitStateType | null;

  @Field(() => DateTimeScalar, { description: "Every event recorded before this instant is in the numbers." })
  completeThrough: number;
}
