import type { BillingChanges, BillingProfiles, Meters } from "../modules/catalog/index.ts";
import { forgetCounters, LimitReader, LimitResolver, LimitService, type LimitPorts } from "../modules/limits/index.ts";
import { storedBill } from "../modules/rating/index.ts";
import type { AuditLog } from "../platform/audit/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";

/** What limits are wired from. */
export type LimitsFrom = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  meters: Meters;
  profiles: BillingProfiles;
  billingChanges: BillingChanges;
};

/** Makes the parts of limits. Bills are rated by a later module, which is passed in here. */
export function wireLimits(from: LimitsFrom) {
  const { database, clock, audit, meters, profiles } = from;
  const ports: LimitPorts = {
    metersOf: (keys) => meters.find(keys),
    periodUsages: async (sql, of) => (await storedBill(sql, of)).usages,
  };
  const reader = new LimitReader({ database, clock, meters, ports });
  const limits = new LimitService({ database, clock, audit, meters, profiles, reader });
  from.billingChanges.addListener((transaction, customerId) => forgetCounters(transaction, customerId));
  return {
    ports,
    reader,
    limits,
    resolvers: [[LimitResolver, new LimitResolver({ database, profiles, reader, limits })]] as const,
  };
}
