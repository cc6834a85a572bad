import type { ReportChannel } from "@meterline/billing-domain";
import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import { type Database, isUuid } from "../../platform/database/index.ts";
import {
  conflict,
  DateTimeScalar,
  notFound,
  pageSize,
  parseInstant,
  type RequestContext,
  unavailable,
} from "../../platform/graphql/index.ts";
import type { ChannelMoves } from "./channel-move.repository.ts";
import type { ChannelMoveService, MoveOutcome } from "./channel-move.service.ts";
import { mapMove, mapParity, ParityRowType, ReportChannelMoveType } from "./channel-move.types.ts";
import { ReportChannelEnum } from "./meter-report.types.ts";
import type { ParityService } from "./parity.service.ts";

/** What the resolver stands on; no parity where Stripe is not configured. */
export type ChannelMoveResolverParts = {
  database: Database;
  moves: ChannelMoves;
  moving: ChannelMoveService;
  parity: ParityService | null;
};

const faults = {
  ALREADY_MOVING: "This customer is told by both already.",
  NOT_MOVING: "This customer does not move; put it in shadow first.",
  ALREADY_DECIDED: "That is decided already.",
  TOO_LATE: "It takes effect within ten minutes, and Stripe could not be told otherwise in time.",
  CHANGED_SINCE: "The subscription was changed since; end it, or begin another, by hand.",
} as const;

/** Staff's moves of customers between usage records and meters. */
@Resolver()
export class ChannelMoveResolver {
  readonly #on: ChannelMoveResolverParts;

  constructor(parts: ChannelMoveResolverParts) {
    this.#on = parts;
  }

  @Query(() => [ReportChannelMoveType], { description: "Running moves, by customer; after a customer for the next." })
  async reportChannelMoves(
    @Ctx() context: RequestContext,
    @Arg("first", () => Int, { defaultValue: 50 }) first = 50,
    @Arg("after", () => ID, { nullable: true }) after?: string | null,
  ): Promise<ReportChannelMoveType[]> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const { database, moves } = this.#on;
    return (await moves.running(database, after ? knownId(after) : null, pageSize(first))).map(mapMove);
  }

  @Query(() => [ParityRowType], {
    description:
      "A customer's meters as told and counted by both channels, in the billing period at `at`; default now.",
  })
  async reportParity(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("at", () => DateTimeScalar, { nullable: true }) at?: string | null,
  ): Promise<ParityRowType[]> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    if (this.#on.parity === null) throw unavailable("Stripe is not configured.");
    const rows = await this.#on.parity.sheet(knownId(customerId), at ? parseInstant(at, "at") : null);
    if (rows === null) throw notFound("There is no such customer at Stripe.", "customerId");
    return rows.map(mapParity);
  }

  @Mutation(() => ReportChannelMoveType, { description: "From now on both are told, and billed as before." })
  async shadowReportChannel(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("to", () => ReportChannelEnum, { defaultValue: "EVENTS" }) to: ReportChannel = "EVENTS",
  ): Promise<ReportChannelMoveType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return moved(await this.#on.moving.shadow(viewer, knownId(customerId), to));
  }

  @Mutation(() => ReportChannelMoveType, {
    description:
      "From the next billing period on only the new one is told, and the subscription at Stripe is exchanged for one with its prices there. A roll-back that lies ahead is taken back.",
  })
  async cutOverReportChannel(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
  ): Promise<ReportChannelMoveType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return moved(await this.#on.moving.cutOver(viewer, knownId(customerId)));
  }

  @Mutation(() => ReportChannelMoveType, {
    description: "From the next billing period on as before the move. A cut-over that lies ahead is taken back.",
  })
  async rollBackReportChannel(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
  ): Promise<ReportChannelMoveType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return moved(await this.#on.moving.rollBack(viewer, knownId(customerId)));
  }
}

function moved(outcome: MoveOutcome): ReportChannelMoveType {
  if (outcome.ok) return mapMove(outcome.move);
  if (outcome.code === "UNKNOWN_CUSTOMER") throw notFound("There is no such customer.", "customerId");
  throw conflict(faults[outcome.code], "customerId");
}

function knownId(id: string): string {
  if (!isUuid(id)) throw notFound("There is no such customer.", "customerId");
  return id;
}
