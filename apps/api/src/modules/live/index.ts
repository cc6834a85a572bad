export { AlertFeeds } from "./alert-feeds.ts";
export { LiveResolver } from "./live.resolver.ts";
export { UsageFeeds } from "./usage-feeds.ts";
export type { ReadUsage, UsageSnapshot } from "./usage-snapshot.ts";
export { UsageUpdateType } from "./usage-update.types.ts";
