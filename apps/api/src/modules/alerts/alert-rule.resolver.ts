import { Args, Ctx, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../../platform/graphql/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import type { AlertRuleService } from "./alert-rule.service.ts";
import { AlertRuleType } from "./alert-rule.types.ts";

/** What customers want to be warned of. */
@Resolver()
export class AlertRuleResolver {
  readonly #on: { rules: AlertRuleService; profiles: BillingProfiles };

  constructor(on: { rules: AlertRuleService; profiles: BillingProfiles }) {
    this.#on = on;
  }

  @Query(() => [AlertRuleType], {
    description: "The rules in force: those that follow from plan and limits, then those that somebody made.",
  })
  async alertRules(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
  ): Promise<AlertRuleType[]> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    return this.#on.rules.rules(viewer, profile);
  }
}
