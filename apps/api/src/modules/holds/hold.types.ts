import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, JSONObjectScalar } from "../../platform/graphql/index.ts";
import { UsageRejectionType } from "../ingestion/index.ts";
import { LimitStateType } from "../usage/index.ts";

/** What became of a request to hold units. */
export const ReservationOutcome = { HELD: "HELD", REJECTED: "REJECTED" } as const;
registerEnumType(ReservationOutcome, { name: "ReservationOutcome" });

/** Where a hold stands. */
export const ReservationState = {
  HELD: "HELD",
  COMMITTED: "COMMITTED",
  RELEASED: "RELEASED",
  EXPIRED: "EXPIRED",
} as const;
registerEnumType(ReservationState, {
  name: "ReservationState",
  valuesConfig: { EXPIRED: { description: "Its time was up; what it held has been given back." } },
});

/** A reservation is committed once, a lease is drawn down event by event. */
export const HoldKind = { RESERVATION: "RESERVATION", LEASE: "LEASE" } as const;
registerEnumType(HoldKind, { name: "HoldKind" });

@InputType({ description: "Exactly one of customerId and externalCustomerId." })
export class ReserveUsageInput {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;

  @Field(() => String, { nullable: true })
  externalCustomerId?: string | null;

  @Field(() => String)
  meterKey: string;

  @Field(() => DecimalScalar, { nullable: true, defaultValue: "1" })
  quantity?: string | null;

  @Field(() => JSONObjectScalar, { nullable: true, description: "As the usage will have them." })
  properties?: Record<string, unknown> | null;

  @Field(() => Int, { nullable: true, description: "At most 86,400 (a lease: 3,600); left out, 900." })
  ttlSeconds?: number | null;

  @Field(() => String, { description: "The same key and content again answers the same reservation." })
  idempotencyKey: string;
}

@InputType({ description: "Exactly one of customerId and externalCustomerId." })
export class CommitReservationInput {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;

  @Field(() => String, { nullable: true })
  externalCustomerId?: string | null;

  @Field(() => ID)
  reservationId: string;

  @Field(() => DecimalScalar, { nullable: true, description: "What was used; left out, all that was reserved." })
  quantity?: string | null;
}

@InputType({ description: "Exactly one of customerId and externalCustomerId." })
export class ReleaseReservationInput {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;

  @Field(() => String, { nullable: true })
  externalCustomerId?: string | null;

  @Field(() => ID, { description: "Of a reservation or a lease." })
  reservationId: string;
}

@ObjectType({
  simpleResolvers: true,
  description: "Units held before the work is done. They count as used until it ends.",
})
export class UsageReservation {
  @Field(() => ReservationOutcome)
  outcome: keyof typeof ReservationOutcome;

  @Field(() => UsageRejectionType, { nullable: true, description: "Why nothing is held; set when REJECTED." })
  rejection: UsageRejectionType | null;

  @Field(() => LimitStateType, { nullable: true, description: "The strictest limit, with what is held." })
  limit: LimitStateType | null;

  @Field(() => ID, { nullable: true, description: "Null when REJECTED, like all below." })
  id: string | null;

  @Field(() => HoldKind, { nullable: true })
  kind: keyof typeof HoldKind | null;

  @Field(() => ReservationState, { nullable: true })
  state: keyof typeof ReservationState | null;

  @Field(() => String, { nullable: true })
  meterKey: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  quantity: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "Of a lease: recorded under it so far." })
  drawn: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      "Of a lease: units recorded under it past a hard limit, after its time was up. At most what was not drawn.",
  })
  overshoot: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "The moment that the usage counts as of." })
  heldAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Exclusive; from then on nothing is held." })
  expiresAt: Date | null;

  @Field(() => ID, { nullable: true, description: "The usage event that committed it." })
  eventId: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Of a lease: send it as leaseToken with usage decided under it.",
  })
  token: string | null;
}
