import type { PlanTerm } from "@meterline/billing-domain";
import type { Database, Transaction } from "../../platform/database/index.ts";
import { notFound } from "../../platform/graphql/index.ts";
import { lockUsage, rebuildTimeoutSql } from "../customers/index.ts";
import { type BillingProfile, type BillingProfiles, selectProfiles } from "./billing-profile.ts";

/** Told, in the same transaction, of the terms that a customer has from now on. */
export type BillingChangeListener = (
  transaction: Transaction,
  customerId: string,
  terms: readonly PlanTerm[],
) => Promise<void>;

/** What a change answers, and whether it wrote anything. */
export type BillingChangeOutcome<T> = { changed: boolean; answer: T };

/**
 * The one door through which a customer's billing periods change. While a change is under way no usage of the customer
 * is recorded; what was placed in periods by the older billing version inserts nothing and is placed again.
 */
export class BillingChanges {
  readonly #database: Database;
  readonly #profiles: BillingProfiles;
  readonly #listeners: BillingChangeListener[] = [];

  constructor(dependencies: { database: Database; profiles: BillingProfiles }) {
    this.#database = dependencies.database;
    this.#profiles = dependencies.profiles;
  }

  /** Registers what must be written anew whenever billing periods change; run in order of registration. */
  addListener(listener: BillingChangeListener): void {
    this.#listeners.push(listener);
  }

  /** Runs `change` on the customer as it stands under the lock. When it changed nothing, nothing is written anew. */
  async withBillingChange<T>(
    customerId: string,
    change: (transaction: Transaction, profile: BillingProfile) => Promise<BillingChangeOutcome<T>>,
  ): Promise<T> {
    try {
      return await this.#database.transaction(async (transaction) => {
        await transaction.query(rebuildTimeoutSql);
        // Before anything is read, so that every later statement sees what was committed while this one waited.
        await lockUsage(transaction, { shared: [], exclusive: [customerId] });
        const { changed, answer } = await change(transaction, await storedProfile(transaction, customerId));
        if (!changed) return answer;
        await transaction.query("UPDATE customer SET billing_version = billing_version + 1 WHERE id = $1", [
          customerId,
        ]);
        const { subscriptions } = await storedProfile(transaction, customerId);
        for (const listener of this.#listeners) await listener(transaction, customerId, subscriptions);
        return answer;
      });
    } finally {
      // Also after a failure: a commit whose answer was lost may have happened.
      this.#profiles.changed(customerId);
    }
  }
}

async function storedProfile(transaction: Transaction, customerId: string): Promise<BillingProfile> {
  const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
  if (profile === undefined) throw notFound("There is no such customer.", "customerId");
  return profile;
}
