import type { AlertKind } from "@meterline/billing-domain";
import { Arg, Args, Ctx, Int, Query, Resolver } from "type-graphql";
import { pageSize, type RequestContext } from "../../platform/graphql/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import { AlertKindEnum } from "./alert-enums.ts";
import type { AlertQueryService } from "./alert-query.service.ts";
import { LimitAlertConnection } from "./alert.types.ts";

/** What customers were warned of. */
@Resolver()
export class AlertResolver {
  readonly #on: { alerts: AlertQueryService; profiles: BillingProfiles };

  constructor(on: { alerts: AlertQueryService; profiles: BillingProfiles }) {
    this.#on = on;
  }

  @Query(() => LimitAlertConnection, { description: "Latest first, at most 200 a page." })
  async alerts(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
    @Arg("kind", () => AlertKindEnum, { nullable: true }) kind?: AlertKind | null,
    @Arg("meterKey", () => String, { nullable: true }) meterKey?: string | null,
    @Arg("first", () => Int, { nullable: true, defaultValue: 50 }) first?: number | null,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<LimitAlertConnection> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    return this.#on.alerts.alerts(viewer, profile, {
      kind: kind ?? null,
      meterKey: meterKey ?? null,
      first: pageSize(first ?? 50),
      after: after ?? null,
    });
  }
}
