import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Sql, type Transaction } from "../../platform/database/index.ts";
import { badUserInput, conflict, invariant, notFound } from "../../platform/graphql/index.ts";
import type { BillingChangeOutcome, BillingChanges } from "./billing-changes.ts";
import { type BillingProfile, type CustomerRef, type SubscriptionRow, selectProfiles } from "./billing-profile.ts";
import { latestPlanVersion, type PlanVersionRow, planVersionWithId } from "./plan-version.read-model.ts";
import {
  decideEnd,
  decideNewSubscription,
  decideResumption,
  type WantedSubscription,
} from "./subscription-decision.ts";

/** What the service stands on. */
export type SubscriptionDependencies = { database: Database; clock: Clock; audit: AuditLog; changes: BillingChanges };

/** Usage begins with 2000; what starts further ahead than the longest billing period is a slip of the pen. */
const earliest = Date.UTC(2000, 0, 1);
const mostAheadMs = 3 * 366 * 86_400_000;

/** Says why a subscription may not end then, although it could; null where it may. */
export type EndGuard = (sql: Sql, ending: SubscriptionRow, endsAt: EpochMs, now: EpochMs) => Promise<string | null>;

/** Puts customers on plans and takes them off. Whether the viewer may is decided before. */
export class SubscriptionService {
  readonly #on: SubscriptionDependencies;
  readonly #endGuards: EndGuard[] = [];

  constructor(dependencies: SubscriptionDependencies) {
    this.#on = dependencies;
  }

  /** Registers who else must agree to an end that somebody asks for. */
  addEndGuard(guard: EndGuard): void {
    this.#endGuards.push(guard);
  }

  /**
   * Puts a customer on the latest version of a plan, or on the one that is named. The same plan and start again answers
   * the same subscription.
   */
  async create(
    viewer: Viewer | null,
    customer: CustomerRef,
    wanted: WantedSubscription,
    planVersionId?: string,
  ): Promise<SubscriptionRow> {
    const now = this.#on.clock.now();
    if (wanted.startsAt !== null) requireInRange(wanted.startsAt, "startsAt", now);
    if (wanted.anchorAt !== null) requireInRange(wanted.anchorAt, "anchorAt", now);
    const profile = await this.#customer(customer);
    const { database } = this.#on;
    const plan =
      planVersionId === undefined
        ? await latestPlanVersion(database, wanted.planKey)
        : await planVersionWithId(database, planVersionId);
    if (plan === null) throw notFound(`There is no plan with the key "${wanted.planKey.slice(0, 100)}".`, "planKey");
    // A retry is answered without stopping the customer's usage.
    const repeated = decideNewSubscription(profile.subscriptions, wanted, now);
    if (repeated.kind === "EXISTS") return repeated.subscription;
    const id = await this.#on.changes.withBillingChange(profile.customerId, (transaction, locked) =>
      this.#create(transaction, { viewer, profile: locked, plan, wanted, now }),
    );
    return this.#stored(profile.customerId, id);
  }

  /**
   * Ends a subscription; the instant itself is no longer in it. The same end again changes nothing. With `asTold` it is
   * no wish but has happened elsewhere, and no guard is asked.
   */
  async end(
    viewer: Viewer | null,
    subscriptionId: string,
    endsAt: EpochMs,
    asTold: "ASKED" | "TOLD" = "ASKED",
  ): Promise<SubscriptionRow> {
    const now = this.#on.clock.now();
    requireInRange(endsAt, "endsAt", now);
    const customerId = await this.#customerOf(subscriptionId);
    await this.#on.changes.withBillingChange(customerId, async (transaction, profile) => {
      const ending = profile.subscriptions.find((one) => one.id === subscriptionId);
      if (ending === undefined) throw unknownSubscription();
      const decision = decideEnd(profile.subscriptions, ending, { endsAt, frozenUntil: profile.frozenUntil }, now);
      if (decision.kind === "CONFLICT") throw conflict(decision.message, decision.field);
      if (decision.kind === "ENDED") return { changed: false, answer: undefined };
      if (asTold === "ASKED") await this.#askGuards(transaction, ending, { endsAt: decision.endsAt, now });
      await transaction.query("UPDATE plan_subscription SET ends_at = $3 WHERE customer_id = $1 AND id = $2", [
        customerId,
        subscriptionId,
        new Date(decision.endsAt),
      ]);
      const detail = { subscriptionId, endsAt: new Date(decision.endsAt).toISOString() };
      await this.#audit(transaction, viewer, { action: "subscription.end", customerId, detail });
      return { changed: true, answer: undefined };
    });
    return this.#stored(customerId, subscriptionId);
  }

  /** Takes an end that lies ahead back. One that runs on anyway is left as it is. */
  async resume(viewer: Viewer | null, subscriptionId: string): Promise<SubscriptionRow> {
    const now = this.#on.clock.now();
    const customerId = await this.#customerOf(subscriptionId);
    await this.#on.changes.withBillingChange(customerId, async (transaction, profile) => {
      const resumed = profile.subscriptions.find((one) => one.id === subscriptionId);
      if (resumed === undefined) throw unknownSubscription();
      const decision = decideResumption(profile.subscriptions, resumed, now);
      if (decision.kind === "CONFLICT") throw conflict(decision.message, decision.field);
      if (decision.kind === "RUNNING") return { changed: false, answer: undefined };
      await transaction.query("UPDATE plan_subscription SET ends_at = NULL WHERE customer_id = $1 AND id = $2", [
        customerId,
        subscriptionId,
      ]);
      await this.#audit(transaction, viewer, { action: "subscription.resume", customerId, detail: { subscriptionId } });
      return { changed: true, answer: undefined };
    });
    return this.#stored(customerId, subscriptionId);
  }

  async #customerOf(subscriptionId: string): Promise<string> {
    if (!isUuid(subscriptionId)) throw unknownSubscription();
    const [found] = await this.#on.database.query<{ customer_id: string }>(
      "SELECT customer_id FROM plan_subscription WHERE id = $1",
      [subscriptionId],
    );
    if (found === undefined) throw unknownSubscription();
    return found.customer_id;
  }

  async #askGuards(sql: Sql, ending: SubscriptionRow, at: { endsAt: EpochMs; now: EpochMs }): Promise<void> {
    for (const guard of this.#endGuards) {
      const refusal = await guard(sql, ending, at.endsAt, at.now);
      if (refusal !== null) throw conflict(refusal, "endsAt");
    }
  }

  async #create(
    transaction: Transaction,
    of: {
      viewer: Viewer | null;
      profile: BillingProfile;
      plan: PlanVersionRow;
      wanted: WantedSubscription;
      now: EpochMs;
    },
  ): Promise<BillingChangeOutcome<string>> {
    const { profile, plan } = of;
    const decision = decideNewSubscription(profile.subscriptions, of.wanted, of.now);
    if (decision.kind === "EXISTS") return { changed: false, answer: decision.subscription.id };
    requireCurrency(plan, profile);
    if (decision.kind === "CONFLICT") throw conflict(decision.message, decision.field);
    const id = randomUUID();
    const { customerId } = profile;
    const startsAt = new Date(decision.startsAt);
    const anchorAt = new Date(decision.anchorAt);
    await transaction.query(
      `INSERT INTO plan_subscription (customer_id, id, plan_version_id, starts_at, ends_at, anchor_at, created_at)
       VALUES ($1, $2, $3, $4, NULL, $5, $6)`,
      [customerId, id, plan.id, startsAt, anchorAt, new Date(of.now)],
    );
    const detail = {
      subscriptionId: id,
      planKey: of.wanted.planKey,
      planVersion: plan.version,
      startsAt: startsAt.toISOString(),
    };
    await this.#audit(transaction, of.viewer, { action: "subscription.create", customerId, detail });
    return { changed: true, answer: id };
  }

  async #customer(ref: CustomerRef): Promise<BillingProfile> {
    const { customerId, externalCustomerId } = ref;
    if ((customerId === null) === (externalCustomerId === null))
      throw badUserInput("Give exactly one of customerId and externalCustomerId.", "customerId");
    const [profile] = await selectProfiles(this.#on.database, {
      ids: customerId !== null && isUuid(customerId) ? [customerId] : [],
      externalIds: externalCustomerId === null ? [] : [externalCustomerId],
    });
    if (profile !== undefined) return profile;
    throw notFound("There is no such customer.", customerId === null ? "externalCustomerId" : "customerId");
  }

  async #stored(customerId: string, id: string): Promise<SubscriptionRow> {
    const [profile] = await selectProfiles(this.#on.database, { ids: [customerId], externalIds: [] });
    const subscription = profile?.subscriptions.find((one) => one.id === id);
    invariant(subscription !== undefined, "a subscription that was written can be read");
    return subscription;
  }

  #audit(
    transaction: Transaction,
    viewer: Viewer | null,
    entry: { action: string; customerId: string; detail: Record<string, unknown> },
  ): Promise<void> {
    const { action, customerId, detail } = entry;
    const actor = viewer === null ? "system" : actorOf(viewer);
    return this.#on.audit.write(transaction, { actor, action, subject: `customer:${customerId}`, detail });
  }
}

const unknownSubscription = () => notFound("There is no such subscription.", "subscriptionId");

function requireCurrency(plan: PlanVersionRow, profile: BillingProfile): void {
  const { key, currency } = plan.definition;
  if (currency === profile.currency) return;
  throw badUserInput(
    `The plan "${key}" is in ${currency} and the customer in ${profile.currency}; choose a plan in ${profile.currency}.`,
    "planKey",
  );
}

function requireInRange(at: EpochMs, field: string, now: EpochMs): void {
  if (at >= earliest && at <= now + mostAheadMs) return;
  throw badUserInput(`${field} must be from the year 2000 on and at most three years ahead.`, field);
}
