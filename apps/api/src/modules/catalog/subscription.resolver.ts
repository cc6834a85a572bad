import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, Resolver, Root } from "type-graphql";
import { authorize, readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { DateTimeScalar, parseInstant, type RequestContext } from "../../platform/graphql/index.ts";
import { CustomerType } from "../customers/index.ts";
import { type SubscriptionRow, selectProfiles } from "./billing-profile.ts";
import { mapPlanSubscription, PlanSubscriptionType } from "./plan.types.ts";
import type { SubscriptionService } from "./subscription.service.ts";

@InputType()
export class CreateSubscriptionInput {
  @Field(() => ID, { nullable: true, description: "Exactly one of customerId and externalCustomerId." })
  customerId?: string | null;

  @Field(() => String, { nullable: true })
  externalCustomerId?: string | null;

  @Field(() => String)
  planKey: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Default: now. Cut to whole minutes." })
  startsAt?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "The instant that billing periods are counted from. Default: startsAt. Cut to whole minutes.",
  })
  anchorAt?: string | null;
}

@InputType()
export class EndSubscriptionInput {
  @Field(() => ID)
  subscriptionId: string;

  @Field(() => DateTimeScalar, { description: "Exclusive; cut to whole minutes." })
  endsAt: string;
}

/** Puts customers on plans. */
@Resolver()
export class SubscriptionResolver {
  readonly #subscriptions: SubscriptionService;

  constructor(services: { subscriptions: SubscriptionService }) {
    this.#subscriptions = services.subscriptions;
  }

  @Mutation(() => PlanSubscriptionType, {
    description: "Idempotent: the same plan and start again answers the same subscription.",
  })
  async createSubscription(
    @Ctx() context: RequestContext,
    @Arg("input", () => CreateSubscriptionInput) input: CreateSubscriptionInput,
  ): Promise<PlanSubscriptionType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    const { customerId = null, externalCustomerId = null, planKey } = input;
    const startsAt = input.startsAt ? parseInstant(input.startsAt, "startsAt") : null;
    const anchorAt = input.anchorAt ? parseInstant(input.anchorAt, "anchorAt") : null;
    const wanted = { planKey, startsAt, anchorAt };
    return mapPlanSubscription(await this.#subscriptions.create(viewer, { customerId, externalCustomerId }, wanted));
  }

  @Mutation(() => PlanSubscriptionType)
  async endSubscription(
    @Ctx() context: RequestContext,
    @Arg("input", () => EndSubscriptionInput) input: EndSubscriptionInput,
  ): Promise<PlanSubscriptionType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    const endsAt = parseInstant(input.endsAt, "endsAt");
    return mapPlanSubscription(await this.#subscriptions.end(viewer, input.subscriptionId, endsAt));
  }

  @Mutation(() => PlanSubscriptionType, { description: "Takes an end back that lies ahead." })
  async resumeSubscription(
    @Ctx() context: RequestContext,
    @Arg("subscriptionId", () => ID) subscriptionId: string,
  ): Promise<PlanSubscriptionType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    return mapPlanSubscription(await this.#subscriptions.resume(viewer, subscriptionId));
  }
}

type Batch = { customerIds: Set<string>; loaded: Promise<Map<string, readonly SubscriptionRow[]>> };

/** Adds to a customer the plan that it is on. */
@Resolver(() => CustomerType)
export class CustomerSubscriptionResolver {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #batches = new WeakMap<RequestContext, Batch>();

  constructor(dependencies: { database: Database; clock: Clock }) {
    this.#database = dependencies.database;
    this.#clock = dependencies.clock;
  }

  @FieldResolver(() => PlanSubscriptionType, { nullable: true, description: "At an instant; default now." })
  async subscription(
    @Ctx() context: RequestContext,
    @Root() customer: CustomerType,
    @Arg("at", () => DateTimeScalar, { nullable: true }) at?: string | null,
  ): Promise<PlanSubscriptionType | null> {
    const viewer = authorize(context.viewer, { to: "READ_CUSTOMER", customerId: customer.id });
    const instant = at ? parseInstant(at, "at") : this.#clock.now();
    const subscriptions = await this.#subscriptionsOf(context, viewer, customer.id);
    const held = subscriptions.find((one) => one.startsAt <= instant && (one.endsAt === null || instant < one.endsAt));
    return held === undefined ? null : mapPlanSubscription(held);
  }

  /** One query for all customers of a list, which ask in the same tick. */
  async #subscriptionsOf(
    context: RequestContext,
    viewer: Viewer,
    customerId: string,
  ): Promise<readonly SubscriptionRow[]> {
    let batch = this.#batches.get(context);
    if (batch === undefined) {
      const customerIds = new Set<string>();
      batch = { customerIds, loaded: this.#loadAfterTick(context, viewer, customerIds) };
      this.#batches.set(context, batch);
    }
    batch.customerIds.add(customerId);
    return (await batch.loaded).get(customerId) ?? [];
  }

  async #loadAfterTick(
    context: RequestContext,
    viewer: Viewer,
    customerIds: ReadonlySet<string>,
  ): Promise<Map<string, readonly SubscriptionRow[]>> {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    this.#batches.delete(context);
    const wanted = { ids: [...customerIds], externalIds: [] };
    const profiles = await readAs(this.#database, viewer, (sql) => selectProfiles(sql, wanted));
    return new Map(profiles.map((profile) => [profile.customerId, profile.subscriptions]));
  }
}
