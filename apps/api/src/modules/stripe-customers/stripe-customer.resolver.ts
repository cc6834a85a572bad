import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, registerEnumType, Resolver } from "type-graphql";
import { authorize, type Viewer } from "../../platform/auth/index.ts";
import type { Database } from "../../platform/database/index.ts";
import { DateTimeScalar, forbidden, type RequestContext } from "../../platform/graphql/index.ts";
import type { StripeSubscriptionLink } from "../stripe-catalog/index.ts";
import type { StripeCustomerService, StripeStanding } from "./stripe-customer.service.ts";

/** Where a link into Stripe's billing portal leads. */
export const StripePortalFlowEnum = { HOME: "HOME", PAYMENT_METHOD: "PAYMENT_METHOD", CANCEL: "CANCEL" } as const;
registerEnumType(StripePortalFlowEnum, { name: "StripePortalFlow" });

/** One of our subscriptions at Stripe. */
@ObjectType("StripeSubscription", { simpleResolvers: true })
export class StripeSubscriptionType {
  @Field(() => ID)
  planSubscriptionId: string;

  @Field(() => String)
  stripeSubscriptionId: string;

  @Field(() => String, { description: "Stripe's: active, past_due, canceled …" })
  status: string;

  @Field(() => DateTimeScalar, { description: "Stripe bills from here on. Inclusive." })
  startsAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: "Exclusive; null while no end is set." })
  cancelAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  endedAt: Date | null;

  @Field(() => [String], { description: "The meters that Stripe prices; Meterline prices the others." })
  ratedByStripe: string[];
}

/** How a customer stands with Stripe. */
@ObjectType("StripeStanding", { simpleResolvers: true })
export class StripeStandingType {
  @Field(() => ID)
  customerId: string;

  @Field(() => String, { nullable: true, description: "Null while it is being made." })
  stripeCustomerId: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When Stripe was seen to have deleted it." })
  deletedAt: Date | null;

  @Field(() => [StripeSubscriptionType])
  subscriptions: StripeSubscriptionType[];

  @Field(() => String, { description: "WAITING, DONE or FAILED: bringing our subscriptions to Stripe." })
  syncState: string;

  @Field(() => String, { nullable: true, description: "What was done last, or why it failed." })
  syncNote: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it is looked at next." })
  syncDueAt: Date | null;
}

@InputType()
export class LinkStripeCustomerInput {
  @Field(() => ID)
  customerId: string;

  @Field(() => String, { nullable: true, description: "A customer that Stripe has; left out, one is made." })
  stripeCustomerId?: string | null;
}

/** What the resolver stands on. `publicUrl` is where links lead back to. */
export type StripeCustomerResolverParts = { customers: StripeCustomerService; database: Database; publicUrl: string };

/** Customers at Stripe. */
@Resolver()
export class StripeCustomerResolver {
  readonly #on: StripeCustomerResolverParts;

  constructor(parts: StripeCustomerResolverParts) {
    this.#on = parts;
  }

  @Query(() => StripeStandingType, { nullable: true, description: "Null for a customer that is not linked." })
  async stripeStanding(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
  ): Promise<StripeStandingType | null> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const standing = await this.#on.customers.findStanding(customerId);
    return standing === null ? null : mapStanding(standing);
  }

  @Mutation(() => StripeStandingType, {
    description: "Has a customer billed through Stripe. Its subscriptions follow ours; the same again changes nothing.",
  })
  async linkStripeCustomer(
    @Ctx() context: RequestContext,
    @Arg("input", () => LinkStripeCustomerInput) input: LinkStripeCustomerInput,
  ): Promise<StripeStandingType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    const { customerId, stripeCustomerId = null } = input;
    return mapStanding(await this.#on.customers.link(viewer, { customerId, stripeCustomerId }));
  }

  @Mutation(() => StripeStandingType, { description: "Looks at a customer again, now." })
  async retryStripeCustomer(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
  ): Promise<StripeStandingType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return mapStanding(await this.#on.customers.retry(viewer, customerId));
  }

  @Mutation(() => String, {
    description:
      "A link to Stripe's billing portal: invoices, payment methods, cancelling. For owners and staff; good for minutes.",
  })
  async stripePortalUrl(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("flow", () => StripePortalFlowEnum, { defaultValue: "HOME" }) flow:
      | "HOME"
      | "PAYMENT_METHOD"
      | "CANCEL" = "HOME",
  ): Promise<string> {
    const viewer = authorize(context.viewer, { to: "MANAGE_BILLING", customerId });
    await this.#requireOwner(viewer);
    return this.#on.customers.portalUrl(customerId, flow, this.#returnUrl(viewer));
  }

  @Mutation(() => String, {
    description: "A link to Stripe's Checkout, to put a payment method on file. For owners and staff; good for a day.",
  })
  async stripeSetupUrl(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
  ): Promise<string> {
    const viewer = authorize(context.viewer, { to: "MANAGE_BILLING", customerId });
    await this.#requireOwner(viewer);
    return this.#on.customers.setupUrl(customerId, this.#returnUrl(viewer));
  }

  /** Who only looks may neither cancel nor see cards. */
  async #requireOwner(viewer: Viewer): Promise<void> {
    if (viewer.kind !== "MEMBER") return;
    const [row] = await this.#on.database.query<{ role: string }>(
      "SELECT role FROM member WHERE customer_id = $1 AND user_id = $2",
      [viewer.customerId, viewer.userId],
    );
    if (row?.role !== "OWNER") throw forbidden("Only an owner manages billing.");
  }

  #returnUrl(viewer: Viewer): string {
    return `${this.#on.publicUrl}/${viewer.kind === "MEMBER" ? "portal" : "admin"}/`;
  }
}

function mapStanding(standing: StripeStanding): StripeStandingType {
  const { customerId, stripeCustomerId, deletedAt, link, sync } = standing;
  return {
    customerId,
    stripeCustomerId,
    deletedAt: deletedAt === null ? null : new Date(deletedAt),
    subscriptions: (link?.subscriptions ?? []).map(mapSubscription),
    syncState: sync?.state ?? "DONE",
    syncNote: sync?.lastError ?? sync?.note ?? null,
    syncDueAt: sync?.dueAt ?? null,
  };
}

function mapSubscription(link: StripeSubscriptionLink): StripeSubscriptionType {
  const at = (instant: number | null) => (instant === null ? null : new Date(instant));
  return {
    planSubscriptionId: link.planSubscriptionId,
    stripeSubscriptionId: link.stripeSubscriptionId,
    status: link.status,
    startsAt: new Date(link.startsAt),
    cancelAt: at(link.cancelAt),
    endedAt: at(link.endedAt),
    ratedByStripe: link.items.flatMap((item) => item.meterKey ?? []),
  };
}
