import { formatDecimal, holdStateAt } from "@meterline/billing-domain";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { actorOf, authorize, readAs } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { RequestContext } from "../../platform/graphql/index.ts";
import { type BillingProfiles, type Meters, viewedProfile } from "../catalog/index.ts";
import { mapOutcome, RecordUsageResult } from "../ingestion/index.ts";
import { type HoldRecord, type LeaseTokens, type LimitReader, latestHolds } from "../limits/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import type { CommitReservationService } from "./commit-reservation.service.ts";
import type { HoldOutcome, HoldRequest, HoldService } from "./hold.service.ts";
import { CommitReservationInput, ReleaseReservationInput, ReserveUsageInput, UsageReservation } from "./hold.types.ts";

/** What the resolver stands on. */
export type HoldResolverDependencies = {
  database: Database;
  clock: Clock;
  profiles: BillingProfiles;
  meters: Meters;
  holds: HoldService;
  commits: CommitReservationService;
  tokens: LeaseTokens;
  reader: LimitReader;
};

/** Holds: what product backends ask for before the work. */
@Resolver()
export class HoldResolver {
  readonly #on: HoldResolverDependencies;

  constructor(dependencies: HoldResolverDependencies) {
    this.#on = dependencies;
  }

  @Mutation(() => UsageReservation, { description: "Holds units before the work; commit or release them after it." })
  async reserveUsage(
    @Ctx() context: RequestContext,
    @Arg("input", () => ReserveUsageInput) input: ReserveUsageInput,
  ): Promise<UsageReservation> {
    return this.#hold(context, input, "RESERVATION");
  }

  @Mutation(() => UsageReservation, {
    description: "Grants units that a backend may use without asking, for at most an hour: to go on through an outage.",
  })
  async leaseUsage(
    @Ctx() context: RequestContext,
    @Arg("input", () => ReserveUsageInput) input: ReserveUsageInput,
  ): Promise<UsageReservation> {
    return this.#hold(context, input, "LEASE");
  }

  @Mutation(() => RecordUsageResult, { description: "Records what was reserved, less or more, and ends the hold." })
  async commitReservation(
    @Ctx() context: RequestContext,
    @Arg("input", () => CommitReservationInput) input: CommitReservationInput,
  ): Promise<RecordUsageResult> {
    authorize(context.viewer, { to: "WRITE_USAGE" });
    const { reservationId, quantity } = input;
    const { outcome, meter } = await this.#on.commits.commit({
      customer: customerOf(input),
      reservationId,
      quantity: quantity ?? null,
    });
    return mapOutcome(outcome, meter.definition.key, (event, limited) => this.#on.reader.stateFor(limited, event));
  }

  @Mutation(() => UsageReservation, { description: "Gives back what a reservation or a lease still holds." })
  async releaseReservation(
    @Ctx() context: RequestContext,
    @Arg("input", () => ReleaseReservationInput) input: ReleaseReservationInput,
  ): Promise<UsageReservation> {
    authorize(context.viewer, { to: "WRITE_USAGE" });
    const { hold, meter } = await this.#on.holds.release(customerOf(input), input.reservationId);
    return this.#shown(hold, meter.definition.key, null, null);
  }

  @Query(() => [UsageReservation], { description: "The customer's latest reservations and leases, at most 200." })
  async usageReservations(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
  ): Promise<UsageReservation[]> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    const holds = await readAs(this.#on.database, viewer, (sql) => latestHolds(sql, profile.customerId));
    const now = this.#on.clock.now();
    return Promise.all(
      holds.map(async (hold) => {
        const meter = await this.#on.meters.withId(hold.meterId);
        return this.#shown({ ...hold, state: holdStateAt(hold, now) }, meter?.definition.key ?? "", null, null);
      }),
    );
  }

  async #hold(context: RequestContext, input: ReserveUsageInput, kind: HoldRequest["kind"]): Promise<UsageReservation> {
    const viewer = authorize(context.viewer, { to: "WRITE_USAGE" });
    const outcome = await this.#on.holds.hold({
      kind,
      customer: customerOf(input),
      meterKey: input.meterKey,
      quantity: input.quantity ?? "1",
      properties: input.properties ?? null,
      seconds: input.ttlSeconds ?? null,
      idempotencyKey: input.idempotencyKey,
      createdBy: actorOf(viewer),
    });
    return this.#mapOutcome(outcome);
  }

  #mapOutcome(outcome: HoldOutcome): UsageReservation {
    if (!outcome.ok) return { ...nothingHeld, rejection: outcome.rejection, limit: outcome.limit };
    const { hold, meter, limit } = outcome;
    const token = hold.kind === "LEASE" ? this.#on.tokens.sign({ customerId: hold.customerId, holdId: hold.id }) : null;
    const state = holdStateAt(hold, this.#on.clock.now());
    return this.#shown({ ...hold, state }, meter.definition.key, limit, token);
  }

  #shown(hold: HoldRecord, meterKey: string, limit: UsageReservation["limit"], token: string | null): UsageReservation {
    return {
      outcome: "HELD",
      rejection: null,
      limit,
      id: hold.id,
      kind: hold.kind,
      state: hold.state,
      meterKey,
      quantity: formatDecimal(hold.quantity),
      drawn: formatDecimal(hold.drawn),
      overshoot: formatDecimal(hold.overshoot),
      heldAt: new Date(hold.heldAt),
      expiresAt: new Date(hold.expiresAt),
      eventId: hold.eventId,
      token,
    };
  }
}

const nothingHeld = {
  outcome: "REJECTED",
  id: null,
  kind: null,
  state: null,
  meterKey: null,
  quantity: null,
  drawn: null,
  overshoot: null,
  heldAt: null,
  expiresAt: null,
  eventId: null,
  token: null,
} as const;

function customerOf(input: { customerId?: string | null; externalCustomerId?: string | null }) {
  return { customerId: input.customerId ?? null, externalCustomerId: input.externalCustomerId ?? null };
}
