import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, JSONObjectScalar, PageInfo } from "../../platform/graphql/index.ts";
import type { UsageEventRecord } from "./usage-event.record.ts";

/** USAGE is a fact as it was sent; VOID takes one back. */
export const UsageEventKind = { USAGE: "USAGE", VOID: "VOID" } as const;
registerEnumType(UsageEventKind, { name: "UsageEventKind" });

/** One fact, never edited. */
@ObjectType("UsageEvent", { simpleResolvers: true })
export class UsageEventType {
  @Field(() => ID)
  id: string;

  @Field(() => UsageEventKind)
  kind: "USAGE" | "VOID";

  @Field(() => ID)
  customerId: string;

  @Field(() => String)
  meterKey: string;

  @Field(() => DecimalScalar, { description: "The value that counts; of a VOID, what it takes back, negated." })
  quantity: string;

  @Field(() => DateTimeScalar)
  occurredAt: Date;

  @Field(() => DateTimeScalar)
  receivedAt: Date;

  @Field(() => String)
  idempotencyKey: string;

  @Field(() => JSONObjectScalar)
  properties: Readonly<Record<string, unknown>>;

  @Field(() => Boolean, { description: "It occurred before the customer's go-live and is reported to Stripe never." })
  historical: boolean;

  @Field(() => ID, { nullable: true, description: "Set on a VOID: the event that it takes back." })
  voidsEventId: string | null;

  @Field(() => ID, { nullable: true, description: "Set on a USAGE that was taken back." })
  voidedByEventId: string | null;

  @Field(() => String, { nullable: true })
  reason: string | null;
}

@ObjectType({ simpleResolvers: true })
export class UsageEventConnection {
  @Field(() => [UsageEventType])
  nodes: UsageEventType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;
}

/** An event as the API shows it. */
export function mapUsageEvent(record: UsageEventRecord, meterKey: string): UsageEventType {
  const { id, kind, customerId, quantity, occurredAt, receivedAt, idempotencyKey, properties, historical } = record;
  const { voidsEventId, voidedByEventId, reason } = record;
  return {
    id,
    kind,
    customerId,
    meterKey,
    quantity,
    occurredAt,
    receivedAt,
    idempotencyKey,
    properties,
    historical,
    voidsEventId,
    voidedByEventId,
    reason,
  };
}
