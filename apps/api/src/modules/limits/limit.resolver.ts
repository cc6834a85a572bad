import { Arg, Args, ArgsType, Ctx, Field, ID, Mutation, Query, Resolver } from "type-graphql";
import { authorize, readAs } from "../../platform/auth/index.ts";
import type { Database } from "../../platform/database/index.ts";
import {
  DateTimeScalar,
  DecimalScalar,
  invariant,
  JSONObjectScalar,
  notFound,
  parseInstant,
  type RequestContext,
} from "../../platform/graphql/index.ts";
import { type BillingProfile, type BillingProfiles, selectProfiles, viewedProfile } from "../catalog/index.ts";
import { CustomerArgs, LimitStateType } from "../usage/index.ts";
import { type CustomerLimitRecord, selectCustomerLimits } from "./customer-limit.repository.ts";
import { mapLimit, mapLimitInput } from "./limit.mapping.ts";
import type { LimitService } from "./limit.service.ts";
import { EndedLimit, LimitInput, LimitPreviewType, LimitType } from "./limit.types.ts";
import type { LimitReader } from "./limit-reader.ts";

/** What `checkUsage` takes. */
@ArgsType()
export class CheckUsageArgs extends CustomerArgs {
  @Field(() => String)
  meterKey: string;

  @Field(() => DecimalScalar, { nullable: true, defaultValue: "1" })
  quantity?: string | null;

  @Field(() => JSONObjectScalar, { nullable: true, description: "As they would be sent; for limits on one value." })
  properties?: Record<string, unknown> | null;
}

/** What the resolver stands on. */
export type LimitResolverDependencies = {
  database: Database;
  profiles: BillingProfiles;
  reader: LimitReader;
  limits: LimitService;
};

/** Limits: where customers stand, and who sets them. */
@Resolver()
export class LimitResolver {
  readonly #on: LimitResolverDependencies;

  constructor(dependencies: LimitResolverDependencies) {
    this.#on = dependencies;
  }

  @Query(() => LimitStateType, {
    description:
      "The strictest limit as it would stand for so much more now; BLOCKED where it has no room. Records nothing.",
  })
  async checkUsage(@Ctx() context: RequestContext, @Args(() => CheckUsageArgs) args: CheckUsageArgs) {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args, "CHECK_USAGE");
    const question = { meterKey: args.meterKey, quantity: args.quantity ?? "1", properties: args.properties ?? null };
    if (viewer.kind !== "MEMBER") return this.#on.reader.check(profile, question);
    return readAs(this.#on.database, viewer, (sql) => this.#on.reader.check(profile, question, sql));
  }

  @Query(() => [LimitType], { description: "Every limit of the customer now: the plan's, its own, and overrides." })
  async limits(@Ctx() context: RequestContext, @Args(() => CustomerArgs) args: CustomerArgs): Promise<LimitType[]> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    return readAs(this.#on.database, viewer, async (sql) => {
      const [stored] = await selectProfiles(sql, { ids: [profile.customerId], externalIds: [] });
      invariant(stored, `customer ${profile.customerId} is there`);
      const records = await selectCustomerLimits(sql, profile.customerId);
      const listed = await this.#on.reader.list(stored, sql);
      const showsWhy = viewer.kind !== "MEMBER";
      return listed.map((one) => {
        const record = records.find((each) => each.id === one.limit.id) ?? null;
        return mapLimit(one, { profile: stored, record, showsWhy });
      });
    });
  }

  @Query(() => LimitPreviewType, { description: "What saving a limit would mean, in words. Changes nothing." })
  async limitPreview(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
    @Arg("limit", () => LimitInput) limit: LimitInput,
  ): Promise<LimitPreviewType> {
    const { profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    return this.#on.limits.preview(profile, mapLimitInput(limit));
  }

  @Mutation(() => LimitType, { description: "Gives a customer a limit of its own, beside its plan's." })
  async setCustomerLimit(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("limit", () => LimitInput) limit: LimitInput,
  ): Promise<LimitType> {
    const viewer = authorize(context.viewer, { to: "SET_LIMITS" });
    return this.#shown(await this.#on.limits.set(viewer, customerId, mapLimitInput(limit)));
  }

  @Mutation(() => LimitType, { description: "Puts a limit in place of all others of its scope until it ends." })
  async overrideLimit(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("limit", () => LimitInput) limit: LimitInput,
    @Arg("reason", () => String) reason: string,
    @Arg("endsAt", () => DateTimeScalar) endsAt: string,
  ): Promise<LimitType> {
    const viewer = authorize(context.viewer, { to: "OVERRIDE_LIMITS" });
    const wanted = { definition: mapLimitInput(limit), reason, endsAt: parseInstant(endsAt, "endsAt") };
    return this.#shown(await this.#on.limits.override(viewer, customerId, wanted));
  }

  @Mutation(() => EndedLimit, { description: "Ends a limit of the customer's own, or an override, at once." })
  async endCustomerLimit(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("limitId", () => ID) limitId: string,
  ): Promise<EndedLimit> {
    const viewer = authorize(context.viewer, { to: "SET_LIMITS" });
    const { id, endsAt, startsAt } = await this.#on.limits.end(viewer, customerId, limitId);
    return { id, endsAt: new Date(endsAt ?? startsAt) };
  }

  async #profile(args: CustomerArgs): Promise<BillingProfile> {
    const [profile] = await this.#on.profiles.find([
      { customerId: args.customerId ?? null, externalCustomerId: args.externalCustomerId ?? null },
    ]);
    if (!profile) throw notFound("There is no such customer.", "customerId");
    return profile;
  }

  async #shown(record: CustomerLimitRecord): Promise<LimitType> {
    const profile = await this.#profile({ customerId: record.customerId });
    const listed = (await this.#on.reader.list(profile)).find((one) => one.limit.id === record.id);
    invariant(listed, "a limit that was set is listed");
    return mapLimit(listed, { profile, record, showsWhy: true });
  }
}
