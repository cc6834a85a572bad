import { Arg, Args, ArgsType, Ctx, Field, ID, Int, Query, Resolver } from "type-graphql";
import { DateTimeScalar, pageSize, parseInstant, type RequestContext } from "../../platform/graphql/index.ts";
import { type BillingProfiles, type Meters, viewedProfile } from "../catalog/index.ts";
import { mapUsageEvent, UsageEventConnection } from "./usage-event.types.ts";
import type { UsageQueryService } from "./usage-query.service.ts";
import { GrainEnum, UsageSeriesType } from "./usage-series.types.ts";

/** Names a customer; a member may leave both out. */
@ArgsType()
export class CustomerArgs {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;

  @Field(() => String, { nullable: true })
  externalCustomerId?: string | null;
}

@ArgsType()
class UsageSeriesArgs extends CustomerArgs {
  @Field(() => String)
  meterKey: string;

  @Field(() => DateTimeScalar)
  from: string;

  @Field(() => DateTimeScalar)
  to: string;

  @Field(() => GrainEnum)
  grain: keyof typeof GrainEnum;

  @Field(() => String, { nullable: true, description: "One of the meter's group-by properties." })
  groupBy?: string | null;
}

@ArgsType()
class UsageEventsArgs extends CustomerArgs {
  @Field(() => String, { nullable: true })
  meterKey?: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  from?: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  to?: string | null;

  @Field(() => String, { nullable: true })
  idempotencyKey?: string | null;

  @Field(() => String, { nullable: true })
  after?: string | null;
}

/** Charts and lists of usage. */
@Resolver()
export class UsageResolver {
  readonly #usage: UsageQueryService;
  readonly #profiles: BillingProfiles;
  readonly #meters: Meters;

  constructor(services: { usage: UsageQueryService; profiles: BillingProfiles; meters: Meters }) {
    this.#usage = services.usage;
    this.#profiles = services.profiles;
    this.#meters = services.meters;
  }

  @Query(() => UsageSeriesType, { description: "At most 2,000 points." })
  async usageSeries(
    @Ctx() context: RequestContext,
    @Args(() => UsageSeriesArgs) args: UsageSeriesArgs,
  ): Promise<UsageSeriesType> {
    const { viewer, profile } = await viewedProfile(this.#profiles, context.viewer, args);
    return this.#usage.series(viewer, profile, {
      meterKey: args.meterKey,
      from: parseInstant(args.from, "from"),
      to: parseInstant(args.to, "to"),
      grain: args.grain,
      groupBy: args.groupBy ?? null,
    });
  }

  @Query(() => UsageEventConnection, { description: "Latest first, at most 200 a page." })
  async usageEvents(
    @Ctx() context: RequestContext,
    @Args(() => UsageEventsArgs) args: UsageEventsArgs,
    @Arg("first", () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
  ): Promise<UsageEventConnection> {
    const { viewer, profile } = await viewedProfile(this.#profiles, context.viewer, args);
    const page = await this.#usage.events(viewer, profile, {
      meterKey: args.meterKey ?? null,
      from: args.from ? parseInstant(args.from, "from") : null,
      to: args.to ? parseInstant(args.to, "to") : null,
      idempotencyKey: args.idempotencyKey ?? null,
      first: pageSize(first ?? 50),
      after: args.after ?? null,
    });
    const keys = new Map((await this.#meters.all()).map((meter) => [meter.id, meter.definition.key]));
    return {
      nodes: page.nodes.map((event) => mapUsageEvent(event, keys.get(event.meterId) ?? "")),
      pageInfo: page.pageInfo,
    };
  }
}
