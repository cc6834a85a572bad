import { markEvaluations } from "../modules/alerts/index.ts";
import type { BillingChanges, BillingProfiles, Meters } from "../modules/catalog/index.ts";
import { CommitReservationService, HoldResolver, HoldService } from "../modules/holds/index.ts";
import type { IngestionService } from "../modules/ingestion/index.ts";
import {
  forgetCounters,
  LeaseTokens,
  LimitReader,
  LimitResolver,
  LimitService,
  type LimitPorts,
  refuseUnheldAmounts,
} from "../modules/limits/index.ts";
import { storedBill } from "../modules/rating/index.ts";
import type { AuditLog } from "../platform/audit/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/index.ts";
import type { Hearing, Nudging } from "../platform/live/index.ts";

/** What limits are wired from. */
export type LimitsFrom = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  meters: Meters;
  profiles: BillingProfiles;
  billingChanges: BillingChanges;
  nudges: Hearing & Nudging;
  /** What signs sessions; the key that signs leases is derived from it. */
  secret: string;
};

/** Makes the parts of limits. Bills are rated by a later module, which is passed in here. */
export function wireLimits(from: LimitsFrom) {
  const { database, clock, audit, meters, profiles, nudges } = from;
  const ports: LimitPorts = {
    metersOf: (keys) => meters.find(keys),
    periodUsages: async (sql, of) => (await storedBill(sql, of)).usages,
  };
  const reader = new LimitReader({ database, clock, meters, ports, nudges });
  const limits = new LimitService({
    database,
    clock,
    audit,
    meters,
    profiles,
    reader,
    onChanged: (transaction, customerId) => markEvaluations(transaction, [{ customerId, dueAt: clock.now() }]),
  });
  from.billingChanges.addListener(async (transaction, customerId) => {
    await refuseUnheldAmounts(transaction, { customerId, meters, now: clock.now() });
    await forgetCounters(transaction, customerId);
  });
  return {
    ports,
    leases: new LeaseTokens(from.secret),
    reader,
    limits,
    resolvers: [[LimitResolver, new LimitResolver({ database, profiles, reader, limits })]] as const,
  };
}

/** Makes the parts of holds, which record by ingestion's door. */
export function wireHolds(from: LimitsFrom & { ingestion: IngestionService; limiting: ReturnType<typeof wireLimits> }) {
  const { database, clock, meters, profiles, ingestion, nudges, limiting } = from;
  const holds = new HoldService({ database, clock, meters, profiles, limits: limiting.ports, nudges });
  const commits = new CommitReservationService({ holds, ingestion });
  const { leases: tokens, reader } = limiting;
  const resolver = new HoldResolver({ database, clock, profiles, meters, holds, commits, tokens, reader });
  return { holds, commits, resolvers: [[HoldResolver, resolver]] as const };
}
