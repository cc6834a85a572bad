import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, MoneyType } from "../../platform/graphql/index.ts";
import { LimitPeriodEnum, LimitStateType } from "../usage/index.ts";

/** What a limit may do. */
export const LimitPolicyInput = { HARD: "HARD", SOFT: "SOFT", NOTIFY: "NOTIFY" } as const;
registerEnumType(LimitPolicyInput, {
  name: "LimitPolicyInput",
  valuesConfig: {
    HARD: { description: "Refuses what would go past it." },
    SOFT: { description: "Records what goes past it and bills the overage." },
    NOTIFY: { description: "Records what goes past it and only warns." },
  },
});

/** Where a limit comes from. */
export const LimitSourceEnum = { PLAN: "PLAN", CUSTOMER: "CUSTOMER", OVERRIDE: "OVERRIDE" } as const;
registerEnumType(LimitSourceEnum, {
  name: "LimitSource",
  valuesConfig: {
    CUSTOMER: { description: "This customer's own, beside the plan's: the strictest decides." },
    OVERRIDE: { description: "Set by staff in place of every other limit of its scope, until it ends." },
  },
});

/** One value of one property of usage events. */
@ObjectType("LimitProperty", { simpleResolvers: true })
export class LimitPropertyType {
  @Field(() => String)
  name: string;

  @Field(() => String)
  value: string;
}

@InputType()
export class LimitPropertyInput {
  @Field(() => String)
  name: string;

  @Field(() => String)
  value: string;
}

@InputType({ description: "Exactly one of quantity (units of the meter) and amount (money of the period's bill)." })
export class LimitInput {
  @Field(() => String, { nullable: true, description: "Left out, with amount: the whole bill." })
  meterKey?: string | null;

  @Field(() => LimitPolicyInput)
  policy: keyof typeof LimitPolicyInput;

  @Field(() => LimitPeriodEnum, { nullable: true, defaultValue: "BILLING_PERIOD" })
  period?: keyof typeof LimitPeriodEnum | null;

  @Field(() => DecimalScalar, { nullable: true })
  quantity?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "In major units of the customer's currency." })
  amount?: string | null;

  @Field(() => LimitPropertyInput, { nullable: true, description: "Counts only usage with this value." })
  property?: LimitPropertyInput | null;

  @Field(() => [Int], { nullable: true, description: "Warns at these shares, in per cent; left out, at 80." })
  warnAtPercent?: number[] | null;

  @Field(() => String, { nullable: true, description: "What a customer who needs more is told." })
  upgrade?: string | null;
}

@ObjectType("Limit", { simpleResolvers: true, description: "A limit of a customer, with where it stands now." })
export class LimitType {
  @Field(() => ID)
  id: string;

  @Field(() => LimitSourceEnum)
  source: keyof typeof LimitSourceEnum;

  @Field(() => String, { nullable: true, description: "Null for the whole bill." })
  meterKey: string | null;

  @Field(() => LimitPolicyInput)
  policy: keyof typeof LimitPolicyInput;

  @Field(() => LimitPeriodEnum)
  period: keyof typeof LimitPeriodEnum;

  @Field(() => DecimalScalar, { nullable: true })
  quantity: string | null;

  @Field(() => MoneyType, { nullable: true })
  amount: MoneyType | null;

  @Field(() => LimitPropertyType, { nullable: true })
  property: LimitPropertyType | null;

  @Field(() => [Int])
  warnAtPercent: number[];

  @Field(() => String, { description: "What it does, in words." })
  words: string;

  @Field(() => Boolean, { description: "False while an override stands in its place." })
  inForce: boolean;

  @Field(() => LimitStateType, { description: "Where the customer stands at this one now." })
  state: LimitStateType;

  @Field(() => DateTimeScalar, { nullable: true, description: "Null for a limit of the plan." })
  startsAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Exclusive; null without an end." })
  endsAt: Date | null;

  @Field(() => String, { nullable: true, description: "Why staff set an override; not shown to members." })
  reason: string | null;

  @Field(() => String, { nullable: true, description: "Who set it; not shown to members." })
  setBy: string | null;
}

@ObjectType({ simpleResolvers: true })
export class LimitFault {
  @Field(() => String, { description: 'The field at fault, such as "warnAtPercent[0]".' })
  path: string;

  @Field(() => String)
  message: string;
}

@ObjectType("LimitPreview", { simpleResolvers: true, description: "What saving a limit would mean." })
export class LimitPreviewType {
  @Field(() => String, { nullable: true, description: "What it would do; null where it has faults." })
  words: string | null;

  @Field(() => [String], { description: "What one should know before it is saved, such as usage past it already." })
  warnings: string[];

  @Field(() => [LimitFault])
  faults: LimitFault[];
}

@ObjectType({ simpleResolvers: true })
export class EndedLimit {
  @Field(() => ID)
  id: string;

  @Field(() => DateTimeScalar, { description: "From this instant on it no longer holds." })
  endsAt: Date;
}
