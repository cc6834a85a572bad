import { Arg, ID, Resolver, Root, Subscription } from "type-graphql";
import { badUserInput, openWith, type RequestContext } from "../../platform/graphql/index.ts";
import type { LiveSource } from "../../platform/live/index.ts";
import { LimitAlertType } from "../alerts/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import type { AlertFeeds } from "./alert-feeds.ts";
import { mapUsageUpdate, UsageUpdateType } from "./usage-update.types.ts";
import type { UsageFeeds } from "./usage-feeds.ts";
import type { UsageSnapshot } from "./usage-snapshot.ts";

/** What is pushed to whoever watches a customer. */
@Resolver()
export class LiveResolver {
  readonly #alerts: AlertFeeds;
  readonly #usage: UsageFeeds;
  readonly #profiles: BillingProfiles;

  constructor(services: { alerts: AlertFeeds; usage: UsageFeeds; profiles: BillingProfiles }) {
    this.#alerts = services.alerts;
    this.#usage = services.usage;
    this.#profiles = services.profiles;
  }

  @Subscription(() => LimitAlertType, {
    description: "Each alert of the customer from now on; with `after`, each that followed it too, in order, once.",
    subscribe: openWith<LiveResolver, { customerId: string; after?: string | null }>(
      () => LiveResolver,
      (resolver) => (args, context) => resolver.openLimitAlerts(args, context),
    ),
  })
  limitAlerts(
    @Root() alert: LimitAlertType,
    @Arg("customerId", () => ID) _customerId: string,
    @Arg("after", () => String, {
      nullable: true,
      description: 'The `sequence` of the last alert seen; "0" for all that there ever were. Left out: from now on.',
    })
    _after?: string | null,
  ): LimitAlertType {
    return alert;
  }

  async openLimitAlerts(
    { customerId, after }: { customerId: string; after?: string | null },
    context: RequestContext,
  ): Promise<LiveSource<LimitAlertType>> {
    const { profile } = await viewedProfile(this.#profiles, context.viewer, { customerId });
    if (after != null && !/^\d{1,18}$/.test(after))
      throw badUserInput("after is not the sequence of an alert.", "after");
    return this.#alerts.watch(profile, after ?? null);
  }

  @Subscription(() => UsageUpdateType, {
    description: "The customer's numbers now, then each time that they move.",
    subscribe: openWith<LiveResolver, { customerId: string }>(
      () => LiveResolver,
      (resolver) => (args, context) => resolver.openUsageUpdates(args, context),
    ),
  })
  usageUpdates(@Root() snapshot: UsageSnapshot, @Arg("customerId", () => ID) _customerId: string): UsageUpdateType {
    return mapUsageUpdate(snapshot);
  }

  async openUsageUpdates(
    { customerId }: { customerId: string },
    context: RequestContext,
  ): Promise<LiveSource<UsageSnapshot>> {
    const { profile } = await viewedProfile(this.#profiles, context.viewer, { customerId });
    return this.#usage.watch(profile.customerId);
  }
}
