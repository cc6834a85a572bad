import { Arg, ID, Resolver, Root, Subscription } from "type-graphql";
import { openWith, type RequestContext } from "../../platform/graphql/index.ts";
import type { LiveSource } from "../../platform/live/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import { mapUsageUpdate, UsageUpdateType } from "./usage-update.types.ts";
import type { UsageFeeds } from "./usage-feeds.ts";
import type { UsageSnapshot } from "./usage-snapshot.ts";

/** What is pushed to whoever watches a customer. */
@Resolver()
export class LiveResolver {
  readonly #usage: UsageFeeds;
  readonly #profiles: BillingProfiles;

  constructor(services: { usage: UsageFeeds; profiles: BillingProfiles }) {
    this.#usage = services.usage;
    this.#profiles = services.profiles;
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
