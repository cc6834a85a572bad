import { DEFAULT_PERCENTS, formatDecimal } from "@meterline/billing-domain";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import { DateTimeScalar, parseInstant, type RequestContext } from "../../platform/graphql/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import type { StoredAlertSettings } from "./alert-rule.repository.ts";
import type { AlertRuleService } from "./alert-rule.service.ts";
import {
  AlertRuleChangeInput,
  AlertRuleInputType,
  AlertRulePreview,
  AlertRuleType,
  AlertSettingsInput,
  AlertSettingsType,
} from "./alert-rule.types.ts";
import type { AlertSettingsService } from "./alert-settings.service.ts";

/** What customers want to be warned of, and how. */
@Resolver()
export class AlertRuleResolver {
  readonly #on: { rules: AlertRuleService; settings: AlertSettingsService; profiles: BillingProfiles };

  constructor(on: { rules: AlertRuleService; settings: AlertSettingsService; profiles: BillingProfiles }) {
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

  @Query(() => AlertRulePreview, { description: "What a rule would do, before it is saved. Changes nothing." })
  async alertRulePreview(
    @Ctx() context: RequestContext,
    @Arg("input", () => AlertRuleInputType) input: AlertRuleInputType,
  ): Promise<AlertRulePreview> {
    const { customerId } = input;
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, { customerId });
    return this.#on.rules.preview(viewer, profile, input);
  }

  @Query(() => AlertSettingsType)
  async alertSettings(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
  ): Promise<AlertSettingsType> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    return mapSettings(await this.#on.settings.settings(viewer, profile.customerId));
  }

  @Mutation(() => AlertRuleType, { description: "Owners of the customer, staff, and keys with customers:write." })
  createAlertRule(
    @Ctx() context: RequestContext,
    @Arg("input", () => AlertRuleInputType) input: AlertRuleInputType,
  ): Promise<AlertRuleType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId: input.customerId });
    return this.#on.rules.create(viewer, input.customerId, input);
  }

  @Mutation(() => AlertRuleType, { description: "Members change their own rules and those that follow from the plan." })
  updateAlertRule(
    @Ctx() context: RequestContext,
    @Arg("input", () => AlertRuleChangeInput) input: AlertRuleChangeInput,
  ): Promise<AlertRuleType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId: input.customerId });
    return this.#on.rules.update(viewer, input.customerId, input.id, input);
  }

  @Mutation(() => AlertRuleType, { description: "A rule that follows from the plan is then again as it comes." })
  deleteAlertRule(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("id", () => ID) id: string,
  ): Promise<AlertRuleType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    return this.#on.rules.remove(viewer, customerId, id);
  }

  @Mutation(() => AlertRuleType, { description: "Until then it is kept and not told outside the app; null ends that." })
  snoozeAlertRule(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("id", () => ID) id: string,
    @Arg("until", () => DateTimeScalar, { nullable: true }) until?: string | null,
  ): Promise<AlertRuleType> {
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    return this.#on.rules.snooze(viewer, customerId, id, until == null ? null : parseInstant(until, "until"));
  }

  @Mutation(() => AlertSettingsType)
  async changeAlertSettings(
    @Ctx() context: RequestContext,
    @Arg("input", () => AlertSettingsInput) input: AlertSettingsInput,
  ): Promise<AlertSettingsType> {
    const { customerId, snoozedUntil, ...change } = input;
    const viewer = authorize(context.viewer, { to: "WRITE_ALERTS", customerId });
    const until =
      snoozedUntil === undefined
        ? {}
        : { snoozedUntil: snoozedUntil === null ? null : parseInstant(snoozedUntil, "snoozedUntil") };
    return mapSettings(await this.#on.settings.change(viewer, customerId, { ...change, ...until }));
  }
}

function mapSettings(settings: StoredAlertSettings): AlertSettingsType {
  const { quietFromMinute, quietToMinute, snoozedUntil, percents, forecast } = settings;
  return {
    quietHours:
      quietFromMinute === null || quietToMinute === null
        ? null
        : { from: timeOfDay(quietFromMinute), to: timeOfDay(quietToMinute) },
    snoozedUntil,
    defaultPercents: percents ?? DEFAULT_PERCENTS.map(formatDecimal),
    defaultForecast: forecast,
  };
}

function timeOfDay(minute: number): string {
  return `${String(Math.trunc(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}
