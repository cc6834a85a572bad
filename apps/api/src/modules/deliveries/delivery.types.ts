import type { AlertChannel } from "@meterline/billing-domain";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar } from "../../platform/graphql/index.ts";
import { AlertChannelEnum } from "../alerts/index.ts";

export const DeliveryStateEnum = {
  QUEUED: "QUEUED",
  SENDING: "SENDING",
  SENT: "SENT",
  UNCERTAIN: "UNCERTAIN",
  FAILED: "FAILED",
  SKIPPED: "SKIPPED",
} as const;
registerEnumType(DeliveryStateEnum, {
  name: "DeliveryState",
  description:
    "UNCERTAIN: it may have arrived, and is sent again with the same id. SKIPPED: snoozed, or there is no way to send it; `reason` says which.",
});

export const AttemptOutcomeEnum = {
  ACCEPTED: "ACCEPTED",
  REFUSED: "REFUSED",
  TIMED_OUT: "TIMED_OUT",
  UNREACHABLE: "UNREACHABLE",
  BLOCKED: "BLOCKED",
  UNKNOWN: "UNKNOWN",
} as const;
registerEnumType(AttemptOutcomeEnum, {
  name: "AttemptOutcome",
  description:
    "BLOCKED: the address is not a public one. UNKNOWN: the process ended before the answer was written down.",
});

export const DeliveryKindEnum = { ALERT: "ALERT", TEST: "TEST", ENDPOINT_PAUSED: "ENDPOINT_PAUSED" } as const;
registerEnumType(DeliveryKindEnum, { name: "DeliveryKind" });

/** One try of a delivery. */
@ObjectType("AlertDeliveryAttempt", { simpleResolvers: true })
export class DeliveryAttemptType {
  @Field(() => Int)
  number: number;

  @Field(() => DateTimeScalar)
  sentAt: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  answeredAt: Date | null;

  @Field(() => AttemptOutcomeEnum, { nullable: true, description: "Null while it is under way." })
  outcome: keyof typeof AttemptOutcomeEnum | null;

  @Field(() => Int, { nullable: true, description: "HTTP status of a webhook, reply code of mail." })
  status: number | null;

  @Field(() => String, { nullable: true })
  message: string | null;
}

/** One way of telling one person or system of one alert. */
@ObjectType("AlertDelivery", { simpleResolvers: true })
export class DeliveryType {
  @Field(() => ID)
  id: string;

  /** Whose, and of which alert: for what is looked up from them. */
  customerId: string;
  alertId: string | null;

  @Field(() => DeliveryKindEnum)
  kind: keyof typeof DeliveryKindEnum;

  @Field(() => AlertChannelEnum)
  channel: AlertChannel;

  @Field(() => String, { description: "The e-mail address, or the endpoint's URL; empty in the app." })
  target: string;

  @Field(() => DeliveryStateEnum)
  state: keyof typeof DeliveryStateEnum;

  @Field(() => String, { nullable: true })
  reason: string | null;

  @Field(() => DateTimeScalar)
  queuedAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it is tried next." })
  nextAttemptAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the last attempt began." })
  sentAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the last attempt was answered." })
  answeredAt: Date | null;

  @Field(() => [DeliveryAttemptType], { description: "The latest 50, oldest first." })
  attempts: DeliveryAttemptType[];
}
