import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, JSONObjectScalar } from "../../platform/graphql/index.ts";
import { LimitStateType, UsageEventType } from "../usage/index.ts";

/** What became of one item. */
export const UsageOutcome = { RECORDED: "RECORDED", DUPLICATE: "DUPLICATE", REJECTED: "REJECTED" } as const;
registerEnumType(UsageOutcome, {
  name: "UsageOutcome",
  valuesConfig: {
    RECORDED: { description: "Committed and durable; it counts." },
    DUPLICATE: { description: "The same content was recorded under this key before; it counts once." },
    REJECTED: { description: "Not recorded; the rejection says why and what to change." },
  },
});

const rejectionCodes = [
  "UNKNOWN_CUSTOMER",
  "UNKNOWN_METER",
  "INVALID_QUANTITY",
  "INVALID_PROPERTIES",
  "INVALID_IDEMPOTENCY_KEY",
  "TIMESTAMP_TOO_OLD",
  "TIMESTAMP_IN_FUTURE",
  "INVALID_TIMESTAMP",
  "IDEMPOTENCY_CONFLICT",
  "LIMIT_REACHED",
  "INVALID_LEASE",
  "NO_ACTIVE_SUBSCRIPTION",
] as const;
/** Why an item was refused. */
export const UsageRejectionCode = Object.fromEntries(rejectionCodes.map((code) => [code, code]));
registerEnumType(UsageRejectionCode, { name: "UsageRejectionCode" });

@InputType({ description: "Exactly one of customerId and externalCustomerId." })
export class RecordUsageInput {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;

  @Field(() => String, { nullable: true })
  externalCustomerId?: string | null;

  @Field(() => String)
  meterKey: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    defaultValue: "1",
    description: "May be negative only where the meter allows it.",
  })
  quantity?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was used; left out, the time of receipt." })
  occurredAt?: string | null;

  @Field(() => String, { description: "1 to 255 characters. The same key counts once for ever." })
  idempotencyKey: string;

  @Field(() => JSONObjectScalar, { nullable: true, description: "Flat, at most 4 KiB." })
  properties?: Record<string, unknown> | null;

  @Field(() => String, { nullable: true, description: "Of the lease that it was decided under, from leaseUsage." })
  leaseToken?: string | null;
}

@InputType()
export class VoidUsageEventInput {
  @Field(() => ID)
  customerId: string;

  @Field(() => ID)
  eventId: string;

  @Field(() => String)
  reason: string;

  @Field(() => String)
  idempotencyKey: string;
}

@ObjectType("UsageRejection", { simpleResolvers: true })
export class UsageRejectionType {
  @Field(() => UsageRejectionCode)
  code: string;

  @Field(() => String)
  message: string;

  @Field(() => String, { nullable: true, description: "The input field at fault." })
  field: string | null;
}

@ObjectType({ simpleResolvers: true })
export class RecordUsageResult {
  @Field(() => UsageOutcome)
  outcome: keyof typeof UsageOutcome;

  @Field(() => UsageEventType, { nullable: true, description: "Set when RECORDED or DUPLICATE." })
  event: UsageEventType | null;

  @Field(() => UsageRejectionType, { nullable: true, description: "Set when REJECTED." })
  rejection: UsageRejectionType | null;

  @Field(() => LimitStateType, { nullable: true, description: "Where the customer now stands on this meter." })
  limit: LimitStateType | Promise<LimitStateType | null> | null;
}

@ObjectType({ simpleResolvers: true })
export class RecordUsageBatchResult {
  @Field(() => [RecordUsageResult], { description: "One an item, in order." })
  results: RecordUsageResult[];

  @Field(() => Int)
  recorded: number;

  @Field(() => Int)
  duplicates: number;

  @Field(() => Int)
  rejected: number;
}
