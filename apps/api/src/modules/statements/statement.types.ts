import type { PriceModelName, StatementLineKind } from "@meterline/billing-domain";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, MoneyType, PageInfo } from "../../platform/graphql/index.ts";
import { MeterType, PricingModelEnum } from "../catalog/index.ts";
import { TierChargeType } from "../rating/index.ts";

/** Where a statement stands. */
export const StatementStateEnum = { PREPARING: "PREPARING", HELD: "HELD", FINAL: "FINAL" } as const;
registerEnumType(StatementStateEnum, {
  name: "StatementState",
  description: "PREPARING until its invoice says the same to the cent, HELD while staff have to look, FINAL for ever.",
});

/** Why a statement is issued. */
export const StatementKindEnum = { PERIOD_END: "PERIOD_END", START: "START", LATE: "LATE" } as const;
registerEnumType(StatementKindEnum, {
  name: "StatementKind",
  description:
    "PERIOD_END of a billing period; START of a subscription, which charges its first base fee ahead; LATE gives back, " +
    "or charges, what became known of closed periods after the plan had ended.",
});

/** What a line of a statement is for. */
export const StatementLineKindEnum = {
  BASE_FEE: "BASE_FEE",
  USAGE: "USAGE",
  BOUND: "BOUND",
  LATE_USAGE: "LATE_USAGE",
  LATE_BOUND: "LATE_BOUND",
  UNCHARGED: "UNCHARGED",
} as const;
registerEnumType(StatementLineKindEnum, {
  name: "StatementLineKind",
  description:
    "BOUND is the bill's minimum or maximum; the LATE ones belong to a period that was closed before; UNCHARGED is what " +
    "Stripe's invoice did not charge of another line, and the open period bills.",
});

@ObjectType("StatementLine", { simpleResolvers: true })
export class StatementLineType {
  @Field(() => String, { description: "Names the line within its statement." })
  key: string;

  @Field(() => StatementLineKindEnum)
  kind: StatementLineKind;

  @Field(() => String)
  label: string;

  @Field(() => MeterType, { nullable: true })
  meter: MeterType | null;

  @Field(() => DateTimeScalar, { description: "The time that the line is for; of a late line, its own period." })
  start: number;

  @Field(() => DateTimeScalar, { description: "Exclusive." })
  end: number;

  @Field(() => DecimalScalar, { nullable: true, description: "Of a late line, the difference." })
  quantity: string | null;

  @Field(() => MoneyType, { description: "Of a late line, the difference." })
  amount: MoneyType;

  @Field(() => Boolean, { description: "False when nothing was measured and the aggregation has no value." })
  hasValue: boolean;

  @Field(() => PricingModelEnum, { nullable: true })
  model: PriceModelName | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: "What was priced in all: of a late line, its whole period.",
  })
  pricedQuantity: string | null;

  @Field(() => DecimalScalar)
  includedQuantity: string;

  @Field(() => DecimalScalar)
  billableQuantity: string;

  @Field(() => DecimalScalar, { nullable: true, description: "What the rows sum to, in major units, exact." })
  unroundedAmount: string | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: "The rows' sum, rounded once: of a late line, of its whole period.",
  })
  pricedAmount: MoneyType | null;

  @Field(() => [TierChargeType], { description: "How pricedAmount was reached." })
  tiers: TierChargeType[];

  @Field(() => DecimalScalar, { nullable: true, description: "Of a late line: what its period was billed before." })
  billedQuantity: string | null;

  @Field(() => MoneyType, { nullable: true })
  billedAmount: MoneyType | null;
}

@ObjectType("InvoiceLinks", { simpleResolvers: true, description: "Links of Stripe's that open now." })
export class InvoiceLinksType {
  @Field(() => String, { nullable: true, description: "Stripe's page to pay it." })
  hostedUrl: string | null;

  @Field(() => String, { nullable: true })
  pdfUrl: string | null;
}

@ObjectType("StatementInvoice", { simpleResolvers: true, description: "Stripe's invoice of a statement." })
export class StatementInvoiceType {
  @Field(() => String)
  stripeInvoiceId: string;

  @Field(() => String, { nullable: true })
  number: string | null;

  @Field(() => String, { nullable: true, description: "Stripe's page to pay it." })
  hostedUrl: string | null;

  @Field(() => String, { nullable: true })
  pdfUrl: string | null;

  @Field(() => String, { nullable: true, description: "Stripe's word: open, paid, void, uncollectible." })
  status: string | null;

  @Field(() => MoneyType, { nullable: true, description: "After credits and discounts of Stripe's." })
  total: MoneyType | null;

  @Field(() => MoneyType, { nullable: true })
  amountDue: MoneyType | null;

  @Field(() => MoneyType, { nullable: true })
  amountPaid: MoneyType | null;

  @Field(() => Boolean)
  paymentFailed: boolean;
}

@ObjectType("Statement", {
  simpleResolvers: true,
  description: "What a customer is charged at the end of a billing period. A FINAL one never changes.",
})
export class StatementType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => StatementKindEnum)
  kind: keyof typeof StatementKindEnum;

  @Field(() => StatementStateEnum)
  state: keyof typeof StatementStateEnum;

  @Field(() => DateTimeScalar, { description: "The billing period that ended, or that starts; inclusive." })
  periodStart: number;

  @Field(() => DateTimeScalar, { description: "Exclusive." })
  periodEnd: number;

  @Field(() => MoneyType)
  total: MoneyType;

  @Field(() => DateTimeScalar)
  issuedAt: number;

  @Field(() => DateTimeScalar, { nullable: true })
  finalAt: number | null;

  @Field(() => StatementInvoiceType, {
    nullable: true,
    description: "Null where the customer is not billed by Stripe.",
  })
  invoice: StatementInvoiceType | null;

  @Field(() => String, { nullable: true, description: "Why staff accepted that the invoice differs; for staff." })
  acceptedReason: string | null;
}

@ObjectType({ simpleResolvers: true })
export class StatementConnection {
  @Field(() => [StatementType])
  nodes: StatementType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;
}
