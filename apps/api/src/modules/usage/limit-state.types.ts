import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar } from "../../platform/graphql/index.ts";

/** What a limit does once reached; NONE where there is no limit. */
export const LimitPolicy = { HARD: "HARD", SOFT: "SOFT", NOTIFY: "NOTIFY", NONE: "NONE" } as const;
registerEnumType(LimitPolicy, { name: "LimitPolicy" });

/** How near a customer is to its limit. */
export const LimitStanding = { OK: "OK", NEAR: "NEAR", REACHED: "REACHED", BLOCKED: "BLOCKED" } as const;
registerEnumType(LimitStanding, {
  name: "LimitStanding",
  valuesConfig: {
    NEAR: { description: "Past the limit's first warning." },
    REACHED: { description: "At or past a SOFT or NOTIFY limit: more is recorded." },
    BLOCKED: { description: "At a HARD limit, or more was asked for than it has left: more is refused." },
  },
});

/** What a limit counts over. */
export const LimitPeriodEnum = {
  BILLING_PERIOD: "BILLING_PERIOD",
  DAY: "DAY",
  HOUR: "HOUR",
  LIFETIME: "LIFETIME",
} as const;
registerEnumType(LimitPeriodEnum, {
  name: "LimitPeriod",
  valuesConfig: {
    DAY: { description: "A day in the customer's time zone." },
    HOUR: { description: "A full hour in UTC." },
  },
});

/** Where a customer stands at the strictest limit on a meter; policy NONE, in the billing period, where there is none. */
@ObjectType("LimitState", { simpleResolvers: true })
export class LimitStateType {
  @Field(() => String)
  meterKey: string;

  @Field(() => LimitPolicy)
  policy: keyof typeof LimitPolicy;

  @Field(() => DecimalScalar, { description: "Units, or with a currency money in major units." })
  used: string;

  @Field(() => DecimalScalar, { description: "Held by reservations and leases on top of what is used." })
  reserved: string;

  @Field(() => DecimalScalar, { nullable: true })
  limit: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  remaining: string | null;

  @Field(() => LimitStanding)
  state: keyof typeof LimitStanding;

  @Field(() => DateTimeScalar, { nullable: true })
  resetsAt: Date | null;

  @Field(() => ID, { nullable: true, description: "The limit that is named." })
  limitId: string | null;

  @Field(() => LimitPeriodEnum)
  period: keyof typeof LimitPeriodEnum;

  @Field(() => String, { nullable: true, description: "Set for a limit in money." })
  currency: string | null;

  @Field(() => String, { nullable: true, description: "What the limit does, in words." })
  words: string | null;

  @Field(() => String, { nullable: true, description: "What a customer who needs more is told." })
  upgrade: string | null;
}
