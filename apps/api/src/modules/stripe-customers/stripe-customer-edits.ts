import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { CallerError } from "../../platform/graphql/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import type {
  HandlerAnswer,
  NoticeKind,
  StripeNotices,
  StripeWebhookEvent,
  WebhookHandlers,
} from "../../platform/stripe/webhooks/index.ts";
import { type SubscriptionRow, type SubscriptionService, selectProfiles } from "../catalog/index.ts";
import {
  customerOfStripe,
  stripeLinks,
  type StripeSubscriptionLink,
  subscriptionsOfStripe,
} from "../stripe-catalog/index.ts";
import { requestSync, writeSubscriptionLink } from "./stripe-customer.repository.ts";
import { readStripeCustomer } from "./stripe-customer-making.ts";
import { type SubscriptionView, viewOfSubscription } from "./stripe-subscription-view.ts";

/** What the handlers stand on. */
export type CustomerEditParts = {
  database: Database;
  gateway: StripeGateway;
  notices: StripeNotices;
  subscriptions: SubscriptionService;
  clock: Clock;
};

const subscriptionEvents = ["created", "updated", "deleted", "paused", "resumed", "pending_update_applied"];
const minuteMs = 60_000;

/**
 * Keeps ours true when somebody edits customers and subscriptions at Stripe, in its dashboard or its billing portal: ends
 * and plans are taken over here, and staff are told of each.
 */
export function onStripeCustomerEdits(handlers: WebhookHandlers, parts: CustomerEditParts): void {
  handlers.on("customer.deleted", (event) => onCustomerDeleted(event, parts));
  for (const what of subscriptionEvents)
    handlers.on(`customer.subscription.${what}`, (event) => onSubscription(event, parts));
}

async function onCustomerDeleted(event: StripeWebhookEvent, parts: CustomerEditParts): Promise<HandlerAnswer> {
  const { database, gateway, notices, clock } = parts;
  const id = event.objectId ?? "";
  const customerId = await customerOfStripe(database, id);
  if (customerId === null) return { ignored: "None of our customers." };
  if ((await readStripeCustomer(gateway, id)) !== null) return { ignored: "The customer is there." };
  await database.transaction(async (transaction) => {
    await transaction.query("UPDATE stripe_customer SET deleted_at = coalesce(deleted_at, $2) WHERE customer_id = $1", [
      customerId,
      new Date(clock.now()),
    ]);
    await notices.write(transaction, {
      kind: "CUSTOMER_DELETED",
      objectId: id,
      customerId,
      message:
        `The customer ${id} was deleted at Stripe. Its usage is recorded and rated here as before, and can be told to nobody. ` +
        "Stripe cannot bring a customer back.",
    });
  });
  return { did: "The customer takes no reports any more." };
}

async function onSubscription(event: StripeWebhookEvent, parts: CustomerEditParts): Promise<HandlerAnswer> {
  const { database, gateway, clock } = parts;
  const id = event.objectId ?? "";
  const latest = (await subscriptionsOfStripe(database, id)).at(-1);
  if (latest === undefined) return { ignored: "None of our subscriptions." };
  const own = await ownSubscription(database, latest);
  if (own === null) return { ignored: "Our subscription is gone." };
  const links = (await stripeLinks(database, [own.customerId])).customers.get(own.customerId);
  const before = links?.subscriptions.find((link) => link.planSubscriptionId === own.id);
  const view = await viewOfSubscription(database, await gateway.stripe.subscriptions.retrieve(id));
  const seen = { database, own, before, view, stripeSubscriptionId: id, parts };
  const moved = await takeOverPlan(seen, event.occurredAt);
  if (moved !== null) return { did: moved };
  const did = await takeOverEnd(seen);
  const odd = oddities(view, before);
  if (odd.length > 0) await tell(seen, "SUBSCRIPTION_CHANGED", odd.join(", and "));
  // Last, so that a crash on the way finds the edit still to be taken over.
  const { customerId, startsAt } = own;
  const link = {
    customerId,
    planSubscriptionId: own.id,
    stripeSubscriptionId: id,
    startsAt: before?.startsAt ?? startsAt,
  };
  await writeSubscriptionLink(database, { ...link, ...view, now: clock.now() });
  return { did };
}

type Seen = {
  database: Database;
  own: SubscriptionRow;
  /** What was known of it until now. */
  before: StripeSubscriptionLink | undefined;
  view: SubscriptionView;
  stripeSubscriptionId: string;
  parts: CustomerEditParts;
};

/** What somebody made of its items that is not as its plan is billed, and that nobody here can take over. */
function oddities(view: SubscriptionView, before: StripeSubscriptionLink | undefined): string[] {
  const odd: string[] = [];
  if (view.strangePriceIds.length > 0)
    odd.push(`has items with prices that are none of its plan's: ${view.strangePriceIds.join(", ")}`);
  if (view.baseQuantity !== 1) odd.push(`bills its base fee ${view.baseQuantity} times`);
  const there = new Set(view.items.map((item) => item.meterKey));
  const lost = (before?.items ?? []).filter((item) => !there.has(item.meterKey));
  const names = lost.map((item) => item.meterKey ?? "the base fee").join(", ");
  if (lost.length > 0)
    odd.push(
      `has no item for ${names} any more: Meterline rates such usage from here on, and Stripe may have billed what there was`,
    );
  return odd;
}

/**
 * An end that was set, taken back or has come at Stripe becomes ours. Only what differs from what was known of it is an
 * edit: what we are about to change there ourselves must not be taken for somebody's wish.
 */
async function takeOverEnd(seen: Seen): Promise<string> {
  const { own, before, view, parts } = seen;
  const { subscriptions, clock } = parts;
  if (before?.cancelAt === view.cancelAt && before.endedAt === view.endedAt) return "Seen.";
  const wanted = view.endedAt ?? view.cancelAt;
  if (wanted === null) {
    if (own.endsAt === null || own.endsAt <= clock.now()) return "Seen.";
    return takenOver(seen, "is not cancelled any more", () => subscriptions.resume(null, own.id));
  }
  const endsAt = Math.floor(wanted / minuteMs) * minuteMs;
  if (own.endsAt === endsAt) return "Seen.";
  const what = view.endedAt === null ? `ends at ${iso(wanted)}` : `has ended at ${iso(wanted)}`;
  return takenOver(seen, what, () => subscriptions.end(null, own.id, endsAt, "TOLD"));
}

/** Another plan's base price on the same subscription: ours ends then, and one to that plan begins with the same anchor. */
async function takeOverPlan(seen: Seen, occurredAt: EpochMs): Promise<string | null> {
  const { database, own, view, stripeSubscriptionId, parts } = seen;
  const { planVersionId } = view;
  if (planVersionId === null || planVersionId === own.planVersionId || view.endedAt !== null) return null;
  const at = Math.max(Math.floor(occurredAt / minuteMs) * minuteMs, own.startsAt + minuteMs);
  const { subscriptions, clock } = parts;
  return takenOver(seen, `was moved to another plan at ${iso(occurredAt)}`, async () => {
    await subscriptions.end(null, own.id, at, "TOLD");
    const [plan] = await database.query<{ plan_key: string }>("SELECT plan_key FROM plan_version WHERE id = $1", [
      planVersionId,
    ]);
    const wanted = { planKey: plan?.plan_key ?? "", startsAt: at, anchorAt: own.anchorAt };
    const next = await subscriptions.create(
      null,
      { customerId: own.customerId, externalCustomerId: null },
      wanted,
      planVersionId,
    );
    const { customerId } = own;
    const now = clock.now();
    const before = { customerId, planSubscriptionId: own.id, stripeSubscriptionId, startsAt: own.startsAt, ...view };
    await writeSubscriptionLink(database, { ...before, endedAt: at, now });
    await writeSubscriptionLink(database, { ...before, planSubscriptionId: next.id, startsAt: at, now });
  });
}

/** Does it here as it was done there, and tells staff; where ours does not allow it, staff are told that instead. */
async function takenOver(seen: Seen, what: string, change: () => Promise<unknown>): Promise<string> {
  const kind = seen.view.endedAt === null ? "SUBSCRIPTION_CHANGED" : "SUBSCRIPTION_ENDED";
  try {
    await change();
  } catch (error) {
    if (!(error instanceof CallerError) || error.code !== "CONFLICT") throw error;
    await tell(seen, kind, `${what} at Stripe, which cannot be done here: ${error.message}`);
    return `It ${what}, which could not be taken over.`;
  }
  await tell(seen, kind, `${what} at Stripe; ours was changed alike`);
  await requestSync(seen.database, seen.own.customerId, seen.parts.clock.now());
  return `It ${what}; ours was changed alike.`;
}

function tell({ database, own, stripeSubscriptionId, parts }: Seen, kind: NoticeKind, what: string): Promise<void> {
  return parts.notices.write(database, {
    kind,
    objectId: stripeSubscriptionId,
    customerId: own.customerId,
    message: `The subscription ${stripeSubscriptionId} to ${own.plan.key} ${what}.`,
  });
}

async function ownSubscription(
  database: Database,
  of: { customerId: string; planSubscriptionId: string },
): Promise<SubscriptionRow | null> {
  const [profile] = await selectProfiles(database, { ids: [of.customerId], externalIds: [] });
  return profile?.subscriptions.find((one) => one.id === of.planSubscriptionId) ?? null;
}

const iso = (at: EpochMs): string => new Date(at).toISOString();
