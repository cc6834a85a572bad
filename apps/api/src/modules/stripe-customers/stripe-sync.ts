import { type EpochMs, planSubscriptionSteps, type SubscriptionStep } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, SessionLocks } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import type { StripeNotices } from "../../platform/stripe/webhooks/index.ts";
import { type WorkEnd, WorkRows } from "../../platform/work/index.ts";
import { type Meters, type SubscriptionRow, selectProfiles } from "../catalog/index.ts";
import { stripeLinks } from "../stripe-catalog/index.ts";
import { stripeCustomerRow, writeSubscriptionLink } from "./stripe-customer.repository.ts";
import { ensureStripeCustomer } from "./stripe-customer-making.ts";
import type { RecordBilling } from "./making.types.ts";
import { NotReady } from "./not-ready.ts";
import { beginSubscription } from "./stripe-subscription-making.ts";
import { viewOfSubscription } from "./stripe-subscription-view.ts";

/** What bringing customers to Stripe stands on. */
export type StripeSyncDependencies = {
  database: Database;
  locks: SessionLocks;
  clock: Clock;
  logger: Logger;
  gateway: StripeGateway;
  notices: StripeNotices;
  meters: Meters;
  records: RecordBilling;
};

const lockClass = 7_012;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** A catalog that is not applied yet is waited for; after two days a person has to ask again. */
const retryDelaysMs = [5 * second, 30 * second, 2 * minute, 10 * minute, hour, 4 * hour, 12 * hour, 24 * hour];

/**
 * Makes what Stripe bills be what we bill, customer by customer: loads both sides, decides by `planSubscriptionSteps`, and
 * does the steps. Safe to do again at any point, so a crash in between loses nothing.
 */
export class StripeSync {
  readonly work: WorkRows;
  readonly #on: StripeSyncDependencies;

  constructor(dependencies: StripeSyncDependencies) {
    this.#on = dependencies;
    this.work = new WorkRows(dependencies, {
      name: "stripe_sync",
      keyColumn: "customer_id",
      lockName: "customer_id",
      lockClass,
      concurrency: 4,
      retryDelaysMs,
      work: (customerId, attempt) => this.#sync(customerId, attempt),
    });
  }

  async #sync(customerId: string, attempt: number): Promise<WorkEnd> {
    try {
      return await this.#bring(customerId, attempt);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== null)
        await this.#on.notices.write(this.#on.database, {
          kind: "SYNC_REFUSED",
          objectId: customerId,
          customerId,
          message: `The customer cannot be brought to Stripe: ${reason}`,
        });
      throw error;
    }
  }

  async #bring(customerId: string, attempt: number): Promise<WorkEnd> {
    const { database, gateway, clock } = this.#on;
    const row = await stripeCustomerRow(database, customerId);
    if (row === null) return { state: "DONE", note: "The customer is not linked to Stripe." };
    if (row.deletedAt !== null) return { state: "DONE", note: "The customer was deleted at Stripe." };
    const stripeCustomerId = await ensureStripeCustomer(row, attempt, { gateway, database });
    const [profile] = await selectProfiles(database, { ids: [customerId], externalIds: [] });
    invariant(profile !== undefined, "a linked customer exists");
    const links = (await stripeLinks(database, [customerId])).customers.get(customerId);
    const now = clock.now();
    const { goLiveAt, subscriptions } = profile;
    const { steps, againAt } = planSubscriptionSteps(subscriptions, links?.subscriptions ?? [], { goLiveAt, now });
    const did: string[] = [];
    for (const step of steps) {
      const own = subscriptions.find((one) => one.id === step.planSubscriptionId);
      invariant(own !== undefined, "a step is about a subscription of the customer");
      did.push(await this.#take(step, { own, stripeCustomerId, attempt, now }));
    }
    await this.#on.notices.settle(database, "SYNC_REFUSED", customerId);
    const note = did.length === 0 ? "Stripe bills what we bill." : did.join(" ");
    return { state: againAt === null ? "DONE" : "WAITING", note, againAt };
  }

  /** Does one step; answers what was done, in words for staff. */
  async #take(
    step: SubscriptionStep,
    of: { own: SubscriptionRow; stripeCustomerId: string; attempt: number; now: EpochMs },
  ): Promise<string> {
    const { own, now } = of;
    const { database, gateway, meters, records, notices } = this.#on;
    switch (step.step) {
      case "CREATE": {
        const id = await beginSubscription(
          { ...of, startAt: step.startAt },
          { gateway, database, meters, records, now },
        );
        return `${id} bills ${own.plan.key} from ${new Date(step.startAt).toISOString()}.`;
      }
      case "CANCEL":
      case "KEEP":
        await this.#setEnd(own, { id: step.stripeSubscriptionId, ends: step.step === "CANCEL", now });
        return `${step.stripeSubscriptionId} ${step.step === "CANCEL" ? "ends with its period" : "goes on"}.`;
      case "STOP":
        await gateway.stripe.subscriptions.cancel(step.stripeSubscriptionId);
        await notices.write(database, {
          kind: "SUBSCRIPTION_ENDED",
          objectId: step.stripeSubscriptionId,
          customerId: own.customerId,
          message:
            `${step.stripeSubscriptionId} still ran after our subscription to ${own.plan.key} had ended, and was cancelled ` +
            "without a last invoice. Look at what it billed since then.",
        });
        return `${step.stripeSubscriptionId} was cancelled.`;
      case "REFUSE":
        throw new NotReady(`${own.plan.key}: ${step.reason}.`);
    }
  }

  async #setEnd(own: SubscriptionRow, of: { id: string; ends: boolean; now: EpochMs }): Promise<void> {
    const { database, gateway } = this.#on;
    let stripe = await gateway.stripe.subscriptions.update(of.id, { cancel_at_period_end: of.ends });
    // A date that somebody set in the dashboard is another field, and may stand beside it: the harsher reading.
    if (!of.ends && stripe.cancel_at !== null)
      stripe = await gateway.stripe.subscriptions.update(of.id, { cancel_at: "" });
    const view = await viewOfSubscription(database, stripe);
    const { customerId, id: planSubscriptionId, startsAt } = own;
    const link = { customerId, planSubscriptionId, stripeSubscriptionId: of.id, startsAt, now: of.now };
    await writeSubscriptionLink(database, { ...link, ...view });
  }
}

/** Why a person is needed; null for what passes by itself, such as an outage, or is a bug. */
function reasonOf(error: unknown): string | null {
  if (error instanceof NotReady) return error.message;
  try {
    const { kind, message, code } = classifyStripeError(error);
    return kind === "PERMANENT" ? `${message} (${code})` : null;
  } catch {
    // None of Stripe's: the worker tells it.
    return null;
  }
}
