import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUniqueViolation, isUuid } from "../../platform/database/index.ts";
import { badUserInput, conflict, invariant, notFound } from "../../platform/graphql/index.ts";
import type { Stripe, StripeGateway } from "../../platform/stripe/index.ts";
import { type BillingProfile, selectProfiles } from "../catalog/index.ts";
import { type StripeCustomerLink, stripeLinks } from "../stripe-catalog/index.ts";
import {
  insertStripeCustomer,
  requestSync,
  type StripeCustomerRow,
  stripeCustomerRow,
  type SyncRow,
  syncRow,
} from "./stripe-customer.repository.ts";
import { readStripeCustomer } from "./stripe-customer-making.ts";
import { told } from "./stripe-told.ts";

/** What the service stands on; no gateway where Stripe is not configured. `wake` has the worker look at once. */
export type StripeCustomerDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  gateway: StripeGateway | null;
  wake: () => void;
};

/** How a customer stands with Stripe. */
export type StripeStanding = {
  customerId: string;
  /** Null while it is being made. */
  stripeCustomerId: string | null;
  deletedAt: number | null;
  link: StripeCustomerLink | null;
  sync: SyncRow | null;
};

/** Links customers to Stripe. Whether the viewer may is decided before. */
export class StripeCustomerService {
  readonly #on: StripeCustomerDependencies;

  constructor(dependencies: StripeCustomerDependencies) {
    this.#on = dependencies;
  }

  /**
   * Has a customer billed through Stripe from now on: with the customer there that is named, or one that is made. The
   * worker then keeps its subscriptions as ours are. The same again changes nothing.
   */
  async link(
    viewer: Viewer | null,
    wanted: { customerId: string; stripeCustomerId: string | null },
  ): Promise<StripeStanding> {
    const gateway = this.#requireGateway();
    const { database, clock, audit } = this.#on;
    const profile = await this.#profile(wanted.customerId);
    const { customerId } = profile;
    const adopted =
      wanted.stripeCustomerId === null ? null : await this.#adoptable(gateway, wanted.stripeCustomerId, profile);
    const now = clock.now();
    const link = { customerId, stripeCustomerId: adopted?.id ?? null, testClockId: testClockOf(adopted), now };
    try {
      await database.transaction(async (transaction) => {
        const isNew = await insertStripeCustomer(transaction, link);
        if (!isNew) refuseOther(await stripeCustomerRow(transaction, customerId), wanted.stripeCustomerId);
        await requestSync(transaction, customerId, now);
        if (!isNew) return;
        const actor = viewer === null ? "system" : actorOf(viewer);
        const detail = { stripeCustomerId: link.stripeCustomerId };
        await audit.write(transaction, {
          actor,
          action: "stripe.customer.link",
          subject: `customer:${customerId}`,
          detail,
        });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw conflict(
        `The Stripe customer ${wanted.stripeCustomerId} is linked to another customer.`,
        "stripeCustomerId",
      );
    }
    this.#on.wake();
    return this.standing(customerId);
  }

  /** Has a customer looked at again now, as after a person has put something right. */
  async retry(viewer: Viewer, customerId: string): Promise<StripeStanding> {
    const { database, audit, clock } = this.#on;
    await this.#profile(customerId);
    await database.transaction(async (transaction) => {
      await requestSync(transaction, customerId, clock.now());
      const subject = `customer:${customerId}`;
      await audit.write(transaction, { actor: actorOf(viewer), action: "stripe.customer.retry", subject });
    });
    this.#on.wake();
    return this.standing(customerId);
  }

  /** How a customer stands with Stripe. */
  async standing(customerId: string): Promise<StripeStanding> {
    const standing = await this.findStanding(customerId);
    if (standing === null) throw notFound("The customer is not linked to Stripe.", "customerId");
    return standing;
  }

  /** The same; null for a customer that is not linked, or that is none. */
  async findStanding(customerId: string): Promise<StripeStanding | null> {
    const { database } = this.#on;
    if (!isUuid(customerId)) return null;
    const row = await stripeCustomerRow(database, customerId);
    if (row === null) return null;
    return {
      customerId,
      stripeCustomerId: row.stripeCustomerId,
      deletedAt: row.deletedAt,
      link: (await stripeLinks(database, [customerId])).customers.get(customerId) ?? null,
      sync: await syncRow(database, customerId),
    };
  }

  /** A link to Stripe's billing portal for this customer, which leads back to our own. Good for a few minutes. */
  async portalUrl(customerId: string, flow: "HOME" | "PAYMENT_METHOD" | "CANCEL", returnUrl: string): Promise<string> {
    const { gateway, stripeCustomerId } = await this.#ready(customerId);
    const flow_data = flow === "HOME" ? null : await this.#flow(customerId, flow);
    const session = await told(() =>
      gateway.stripe.billingPortal.sessions.create({
        customer: stripeCustomerId,
        return_url: returnUrl,
        ...(flow_data === null ? {} : { flow_data }),
      }),
    );
    return session.url;
  }

  /** A link to Stripe's Checkout, where the customer puts a payment method on file. Good for a day. */
  async setupUrl(customerId: string, returnUrl: string): Promise<string> {
    const { gateway, stripeCustomerId } = await this.#ready(customerId);
    const session = await told(() =>
      gateway.stripe.checkout.sessions.create({
        mode: "setup",
        customer: stripeCustomerId,
        success_url: returnUrl,
        cancel_url: returnUrl,
        client_reference_id: customerId,
      }),
    );
    invariant(session.url !== null, "a Checkout session that was just made has a page");
    return session.url;
  }

  async #flow(
    customerId: string,
    flow: "PAYMENT_METHOD" | "CANCEL",
  ): Promise<Stripe.BillingPortal.SessionCreateParams.FlowData> {
    if (flow === "PAYMENT_METHOD") return { type: "payment_method_update" };
    const { link } = await this.standing(customerId);
    const running = link?.subscriptions.find((one) => one.endedAt === null && one.cancelAt === null);
    if (running === undefined) throw conflict("The customer has no subscription at Stripe that could be cancelled.");
    return { type: "subscription_cancel", subscription_cancel: { subscription: running.stripeSubscriptionId } };
  }

  async #ready(customerId: string): Promise<{ gateway: StripeGateway; stripeCustomerId: string }> {
    const gateway = this.#requireGateway();
    const row = await stripeCustomerRow(this.#on.database, customerId);
    if (row === null || row.stripeCustomerId === null || row.deletedAt !== null)
      throw conflict("This customer is not billed through Stripe.", "customerId");
    return { gateway, stripeCustomerId: row.stripeCustomerId };
  }

  async #adoptable(gateway: StripeGateway, id: string, profile: BillingProfile): Promise<Stripe.Customer> {
    const found = await told(() => readStripeCustomer(gateway, id));
    if (found === null) throw notFound(`Stripe has no customer ${id.slice(0, 100)}.`, "stripeCustomerId");
    const currency = found.currency?.toUpperCase() ?? profile.currency;
    if (currency === profile.currency) return found;
    throw conflict(`${id} is billed in ${currency} at Stripe, and in ${profile.currency} here.`, "stripeCustomerId");
  }

  async #profile(customerId: string): Promise<BillingProfile> {
    const ids = isUuid(customerId) ? [customerId] : [];
    const [profile] = await selectProfiles(this.#on.database, { ids, externalIds: [] });
    if (profile === undefined) throw notFound("There is no such customer.", "customerId");
    return profile;
  }

  #requireGateway(): StripeGateway {
    if (this.#on.gateway !== null) return this.#on.gateway;
    throw badUserInput("Stripe is not configured here: set STRIPE_API_KEY.", "stripe");
  }
}

function refuseOther(row: StripeCustomerRow | null, wanted: string | null): void {
  if (row === null || wanted === null || row.stripeCustomerId === wanted) return;
  const known = row.stripeCustomerId ?? "one that is being made";
  throw conflict(`The customer is linked to ${known} already; a link is not changed.`, "stripeCustomerId");
}

function testClockOf(customer: Stripe.Customer | null): string | null {
  const clock = customer?.test_clock ?? null;
  return clock === null || typeof clock === "string" ? clock : clock.id;
}
