import { Args, Ctx, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../../platform/graphql/index.ts";
import type { AlertRuleService } from "../alerts/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import { mapProjection } from "./projection.mapping.ts";
import type { ProjectionService } from "./projection.service.ts";
import { ProjectionType } from "./projection.types.ts";

/** What customers will owe. */
@Resolver()
export class ProjectionResolver {
  readonly #on: { projection: ProjectionService; rules: AlertRuleService; profiles: BillingProfiles };

  constructor(on: { projection: ProjectionService; rules: AlertRuleService; profiles: BillingProfiles }) {
    this.#on = on;
  }

  @Query(() => ProjectionType, {
    description:
      "The bill at the end of the open billing period: low, expected, high, and when limits would be crossed.",
  })
  async projection(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
  ): Promise<ProjectionType> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    const projected = await this.#on.projection.projection(viewer, profile);
    return mapProjection(projected, await this.#on.rules.effective(viewer, projected.profile));
  }
}
