import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, PageInfo } from "../../graphql/index.ts";
import type { WebhookRefusal } from "./webhook-check.ts";
import type { WebhookFamily } from "./webhook-event.ts";
import type { WebhookState } from "./webhook-log.read-model.ts";

/** State of a stored event. */
export const StripeWebhookStateEnum = {
  WAITING: "WAITING",
  DONE: "DONE",
  IGNORED: "IGNORED",
  FAILED: "FAILED",
} as const satisfies { [K in WebhookState]: K };
registerEnumType(StripeWebhookStateEnum, {
  name: "StripeWebhookState",
  valuesConfig: {
    WAITING: { description: "To be worked, or to be tried again at dueAt." },
    IGNORED: { description: "There was nothing to do; the note says why." },
    FAILED: { description: "Given up after its last attempt, until somebody has it tried again." },
  },
});

/** An event of Stripe as it was received. */
@ObjectType("StripeWebhookEvent", { simpleResolvers: true })
export class StripeWebhookEventType {
  @Field(() => ID)
  id: string;

  @Field(() => String, { description: "SNAPSHOT or THIN." })
  family: WebhookFamily;

  @Field(() => String)
  type: string;

  @Field(() => String, { nullable: true })
  objectId: string | null;

  @Field(() => StripeWebhookStateEnum)
  state: WebhookState;

  @Field(() => String, { nullable: true, description: "What was done, or why nothing was." })
  note: string | null;

  @Field(() => String, { nullable: true })
  lastError: string | null;

  @Field(() => Int)
  attempts: number;

  @Field(() => Int, { description: "How often Stripe sent it." })
  deliveries: number;

  @Field(() => Boolean, { description: "Nobody sent it: it was listed at Stripe." })
  caughtUp: boolean;

  @Field(() => DateTimeScalar)
  occurredAt: Date;

  @Field(() => DateTimeScalar)
  receivedAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it is worked next." })
  dueAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  workedAt: Date | null;
}

@ObjectType({ simpleResolvers: true })
export class StripeWebhookEventConnection {
  @Field(() => [StripeWebhookEventType])
  nodes: StripeWebhookEventType[];

  @Field(() => PageInfo)
  pageInfo: PageInfo;
}

/** Webhooks that were refused for one reason in one hour. */
@ObjectType("StripeWebhookRefusal", { simpleResolvers: true })
export class StripeWebhookRefusalType {
  @Field(() => String, { description: "BAD_SIGNATURE, TOO_OLD, TOO_LARGE, NO_SECRET or NOT_AN_EVENT." })
  reason: WebhookRefusal;

  @Field(() => DateTimeScalar)
  hour: Date;

  @Field(() => Int)
  count: number;

  @Field(() => DateTimeScalar)
  firstAt: Date;

  @Field(() => DateTimeScalar)
  lastAt: Date;

  @Field(() => String, { description: "Where the last one came from." })
  lastAddress: string;
}

/** Something that was done at Stripe, outside Meterline. */
@ObjectType("StripeNotice", { simpleResolvers: true })
export class StripeNoticeType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  kind: string;

  @Field(() => ID, { nullable: true })
  customerId: string | null;

  @Field(() => String, { description: "The object at Stripe." })
  objectId: string;

  @Field(() => String)
  message: string;

  @Field(() => Int)
  seenCount: number;

  @Field(() => DateTimeScalar)
  firstAt: Date;

  @Field(() => DateTimeScalar)
  lastAt: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  resolvedAt: Date | null;
}

/** How far Stripe's own list of events was read. */
@ObjectType("StripeEventCatchUp", { simpleResolvers: true })
export class StripeEventCatchUpType {
  @Field(() => String, { description: "SNAPSHOT or THIN." })
  family: WebhookFamily;

  @Field(() => DateTimeScalar, { description: "Every event that happened before is in the log." })
  readTo: Date;

  @Field(() => Int, { description: "Events that were missing, in all." })
  found: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "When one was last missing." })
  foundAt: Date | null;

  @Field(() => String, { nullable: true })
  note: string | null;

  @Field(() => String, { nullable: true })
  lastError: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  workedAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  dueAt: Date | null;
}
