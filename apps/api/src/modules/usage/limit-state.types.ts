import { Field, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar } from "../../platform/graphql/index.ts";

/** What a limit does once reached; NONE where there is no limit. */
export const LimitPolicy = { HARD: "HARD", SOFT: "SOFT", NOTIFY: "NOTIFY", NONE: "NONE" } as const;
registerEnumType(LimitPolicy, { name: "LimitPolicy" });

/** How near a customer is to its limit. */
export const LimitStanding = { OK: "OK", NEAR: "NEAR", REACHED: "REACHED", BLOCKED: "BLOCKED" } as const;
registerEnumType(LimitStanding, { name: "LimitStanding" });

/** Where a customer stands on a meter in the billing period. */
@ObjectType("LimitState", { simpleResolvers: true })
export class LimitStateType {
  @Field(() => String)
  meterKey: string;

  @Field(() => LimitPolicy)
  policy: keyof typeof LimitPolicy;

  @Field(() => DecimalScalar)
  used: string;

  @Field(() => DecimalScalar, { nullable: true })
  limit: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  remaining: string | null;

  @Field(() => LimitStanding)
  state: keyof typeof LimitStanding;

  @Field(() => DateTimeScalar, { nullable: true })
  resetsAt: Date | null;
}
