import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, MoneyType, PageInfo } from "../../platform/graphql/index.ts";

/** Where a discrepancy stands. */
export const DiscrepancyStateEnum = {
  OPEN: "OPEN",
  TICKET: "TICKET",
  REPAIRED: "REPAIRED",
  RESOLVED: "RESOLVED",
} as const;
registerEnumType(DiscrepancyStateEnum, {
  name: "DiscrepancyState",
  description:
    "OPEN may be repaired without a person, TICKET waits for one. REPAIRED is gone; RESOLVED is a person's word.",
});

@ObjectType("Discrepancy", {
  simpleResolvers: true,
  description: "Two numbers of one thing that are not the same, in units and in money.",
})
export class DiscrepancyType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  customerId: string;

  @Field(() => String, { description: "Such as ROLLUP, STRIPE_SUMMARY, INVOICE_AMOUNT." })
  kind: string;

  @Field(() => String, { description: "What it is about." })
  subject: string;

  @Field(() => String, { nullable: true })
  meterKey: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  periodStart: number | null;

  @Field(() => ID, { nullable: true })
  statementId: string | null;

  @Field(() => String, { nullable: true, description: "Stripe's invoice or meter." })
  stripeId: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  expectedUnits: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  actualUnits: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "Actual less expected." })
  units: string | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: "What the difference comes to; null only where what is stored cannot be rated.",
  })
  amount: MoneyType | null;

  @Field(() => String)
  message: string;

  @Field(() => DiscrepancyStateEnum)
  state: keyof typeof DiscrepancyStateEnum;

  @Field(() => String, { nullable: true })
  runId: string | null;

  @Field(() => DateTimeScalar)
  foundAt: number;

  @Field(() => DateTimeScalar, { description: "When it was last there." })
  seenAt: number;

  @Field(() => DateTimeScalar, { nullable: true })
  settledAt: number | null;

  @Field(() => String, { nullable: true })
  settledBy: string | null;

  @Field(() => String, { nullable: true })
  reason: string | null;
}

@ObjectType({ simpleResolvers: true })
export class DiscrepancyConnection {
  @Field(() => [DiscrepancyType])
  nodes: DiscrepancyType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;
}

@ObjectType("ReconciliationRun", { simpleResolvers: true })
export class ReconciliationRunType {
  @Field(() => ID)
  id: string;

  @Field(() => String, { description: "SCHEDULED or ON_DEMAND." })
  kind: string;

  @Field(() => ID, { nullable: true, description: "Null for every customer." })
  customerId: string | null;

  @Field(() => Boolean, { description: "Whether what is safe to repair is repaired." })
  repair: boolean;

  @Field(() => String, { description: "RUNNING, DONE or FAILED." })
  state: string;

  @Field(() => String)
  startedBy: string;

  @Field(() => DateTimeScalar)
  startedAt: number;

  @Field(() => Int)
  customersChecked: number;

  @Field(() => Int)
  customersFailed: number;

  @Field(() => Int)
  numbersChecked: number;

  @Field(() => Int)
  found: number;

  @Field(() => Int)
  repaired: number;

  @Field(() => Int)
  tickets: number;

  @Field(() => Int, { description: "Periods of which Stripe was not asked, to keep within its read allowance." })
  unread: number;

  @Field(() => Int, { description: "GETs that Stripe was asked." })
  reads: number;

  @Field(() => String, { nullable: true })
  note: string | null;
}
