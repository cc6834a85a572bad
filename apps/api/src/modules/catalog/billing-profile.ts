import type { BillingCycle, CustomerLimit, EpochMs, PlanDefinition, PlanTerm } from "@meterline/billing-domain";
import { boundedCache } from "../../platform/bounded-cache.ts";
import { ChangedMeanwhile } from "../../platform/changed-meanwhile.ts";
import { isUuid, type Sql } from "../../platform/database/index.ts";
import type { Hearing, Nudging } from "../../platform/live/index.ts";

/** A customer's plan over a stretch of time. */
export type SubscriptionRow = PlanTerm & {
  id: string;
  customerId: string;
  planVersionId: string;
  planVersion: number;
  planVersionCreatedAt: EpochMs;
  plan: PlanDefinition;
  anchorAt: EpochMs;
};

/** What decides how a customer's usage is placed and priced, loaded together. */
export type BillingProfile = {
  customerId: string;
  externalId: string;
  /** Raised by every change of subscriptions and limits; an ingest that used an older one inserts nothing. */
  billingVersion: number;
  currency: string;
  timeZone: string;
  goLiveAt: EpochMs;
  /** Up to here billing periods are frozen; null while none is. Raises the billing version whenever it moves. */
  frozenUntil: EpochMs | null;
  subscriptions: readonly SubscriptionRow[];
  /** Limits of the customer's own, and overrides; those of its plans are in the plans. Each change raises the version. */
  limits: readonly CustomerLimit[];
};

/** Names a customer by exactly one of the two ids. */
export type CustomerRef = { customerId: string | null; externalCustomerId: string | null };

/**
 * Billing profiles, cached. A stale one is harmless where usage is recorded, because the insert checks the billing
 * version. Readers see a change at once in the process that made it, and by its nudge about a tenth of a second later in
 * the others; entries live for ten seconds, for nudges that got lost.
 */
export class BillingProfiles {
  private readonly byId = boundedCache<string, BillingProfile>(50_000, 10_000);
  private readonly idByExternalId = boundedCache<string, string>(50_000);

  private readonly meanwhile = new ChangedMeanwhile();

  /** Without `nudges` it hears of no other process, nor tells any: for one that is used for a moment. */
  constructor(
    private readonly sql: Sql,
    private readonly nudges: (Hearing & Nudging) | null = null,
  ) {
    nudges?.listen((customerIds, subject) => {
      if (subject !== "BILLING") return;
      if (customerIds === "ALL") this.byId.clear();
      else for (const customerId of customerIds) this.byId.delete(customerId);
      this.meanwhile.note(customerIds);
    });
  }

  /** One answer a reference, in order; null where there is no such customer. One query for all that are not cached. */
  async find(refs: readonly CustomerRef[]): Promise<(BillingProfile | null)[]> {
    const found = refs.map((ref) => this.cached(ref));
    const missing = refs.filter((_, index) => found[index] === undefined);
    if (missing.length === 0) return found as BillingProfile[];
    const loaded = await this.load(missing);
    return refs.map((ref, index) => found[index] ?? loaded.get(refKey(ref)) ?? null);
  }

  /** Drops a customer from the cache, so that it is looked at anew. */
  forget(customerId: string): void {
    this.byId.delete(customerId);
    this.meanwhile.note([customerId]);
  }

  /** For after the commit of a change of its subscriptions, limits or settings: drops it here and in every process. */
  changed(customerId: string): void {
    this.forget(customerId);
    this.nudges?.nudge([customerId], "BILLING");
  }

  private cached(ref: CustomerRef): BillingProfile | undefined {
    const id = ref.customerId ?? this.idByExternalId.get(ref.externalCustomerId ?? "");
    return id === undefined ? undefined : this.byId.get(id);
  }

  private async load(refs: readonly CustomerRef[]): Promise<Map<string, BillingProfile>> {
    const ids = [
      ...new Set(refs.flatMap((ref) => (ref.customerId !== null && isUuid(ref.customerId) ? [ref.customerId] : []))),
    ];
    const externalIds = [...new Set(refs.flatMap((ref) => ref.externalCustomerId ?? []))];
    const loaded = new Map<string, BillingProfile>();
    const profiles = await this.meanwhile.whileReading(
      () => selectProfiles(this.sql, { ids, externalIds }),
      (found, isCurrent) => {
        for (const profile of found) if (isCurrent(profile.customerId)) this.byId.set(profile.customerId, profile);
      },
    );
    for (const profile of profiles) {
      this.idByExternalId.set(profile.externalId, profile.customerId);
      loaded.set(refKey({ customerId: profile.customerId, externalCustomerId: null }), profile);
      loaded.set(refKey({ customerId: null, externalCustomerId: profile.externalId }), profile);
    }
    return loaded;
  }
}

function refKey(ref: CustomerRef): string {
  return ref.customerId === null ? `e ${ref.externalCustomerId}` : `i ${ref.customerId}`;
}

/** Profiles as they are stored now, in no order; what does not exist is left out. */
export async function selectProfiles(
  sql: Sql,
  wanted: { ids: readonly string[]; externalIds: readonly string[] },
): Promise<BillingProfile[]> {
  // NUL cannot be stored, and PostgreSQL refuses a query that holds one.
  const externalIds = wanted.externalIds.filter((id) => !id.includes("\0"));
  const rows = await sql.query<ProfileRow>(profileQuery, [wanted.ids, externalIds], "billing_profiles");
  return rows.map(mapProfile);
}

// Instants as milliseconds, so that JSON carries them exactly.
const profileQuery = `
  SELECT c.id, c.external_id, c.billing_version, c.currency, c.time_zone, c.go_live_at, c.frozen_until,
    coalesce((
      SELECT json_agg(json_build_object('id', s.id, 'planVersionId', s.plan_version_id, 'plan', v.definition,
        'planVersion', v.version, 'planVersionCreatedAt', (extract(epoch FROM v.created_at) * 1000)::bigint,
        'startsAt', (extract(epoch FROM s.starts_at) * 1000)::bigint, 'endsAt', (extract(epoch FROM s.ends_at) * 1000)::bigint,
        'anchorAt', (extract(epoch FROM s.anchor_at) * 1000)::bigint) ORDER BY s.starts_at)
      FROM plan_subscription s JOIN plan_version v ON v.id = s.plan_version_id
      WHERE s.customer_id = c.id
    ), '[]') AS subscriptions,
    coalesce((
      SELECT json_agg(json_build_object('id', l.id, 'source', l.source, 'definition', l.definition,
        'startsAt', (extract(epoch FROM l.starts_at) * 1000)::bigint, 'endsAt', (extract(epoch FROM l.ends_at) * 1000)::bigint)
        ORDER BY l.starts_at, l.id)
      FROM customer_limit l
      WHERE l.customer_id = c.id AND l.ended_by IS NULL
    ), '[]') AS limits
  FROM customer c
  WHERE c.id = ANY ($1::uuid[]) OR c.external_id = ANY ($2::text[])`;

type ProfileRow = {
  id: string;
  external_id: string;
  billing_version: number;
  currency: string;
  time_zone: string;
  go_live_at: Date;
  frozen_until: Date | null;
  subscriptions: {
    id: string;
    planVersionId: string;
    planVersion: number;
    planVersionCreatedAt: number;
    plan: PlanDefinition;
    startsAt: number;
    endsAt: number | null;
    anchorAt: number;
  }[];
  limits: CustomerLimit[];
};

function mapProfile(row: ProfileRow): BillingProfile {
  return {
    customerId: row.id,
    externalId: row.external_id,
    billingVersion: row.billing_version,
    currency: row.currency,
    timeZone: row.time_zone,
    goLiveAt: row.go_live_at.getTime(),
    frozenUntil: row.frozen_until?.getTime() ?? null,
    limits: row.limits,
    subscriptions: row.subscriptions.map((one) => ({
      ...one,
      customerId: row.id,
      cycle: cycleOf(one.plan, one.anchorAt),
    })),
  };
}

function cycleOf(plan: PlanDefinition, anchorAt: EpochMs): BillingCycle {
  return { anchorAt, interval: plan.interval, intervalCount: plan.intervalCount };
}
