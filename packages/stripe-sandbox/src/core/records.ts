import type Stripe from "stripe";
import type { RawObject } from "../wire/form.ts";
import type { Wire } from "../wire/wire.ts";
import type { EpochMs, TimeScope } from "./time.ts";

/**
 * What the sandbox keeps. `wire` is the object as v1 or v2 sends it, with references as ids; fields beside it are the
 * sandbox's own. Fields ending in `S` are whole seconds, `At` and `Ms` are milliseconds.
 */
export type CustomerRecord = { id: string; testClock: TimeScope; wire: Wire<Stripe.Customer> };
/** A card on file; charging one that declines fails. */
export type PaymentMethodRecord = {
  id: string;
  customer: string;
  declines: boolean;
  wire: Wire<Stripe.PaymentMethod>;
};
/** A product. */
export type ProductRecord = { id: string; wire: Wire<Stripe.Product> };
/** What a metered price without a meter does with its usage records; only a pre-basil version could create one. */
export type LegacyAggregate = "sum" | "last_during_period" | "last_ever" | "max";
/** A price with its tiers, which its wire form hides until they are expanded. */
export type PriceRecord = { id: string; legacyAggregate: LegacyAggregate | null; wire: Wire<Stripe.Price> };
/** A meter, found by the name of its events. */
export type MeterRecord = { id: string; eventName: string; wire: Wire<Stripe.Billing.Meter> };

/** `anchorAt` is the instant whose day, hour, minute and second every period of the subscription starts on. */
export type SubscriptionRecord = {
  id: string;
  customer: string;
  testClock: TimeScope;
  anchorAt: EpochMs;
  wire: Omit<Wire<Stripe.Subscription>, "items">;
};
/** Metered usage before `usageFromS` is not billed through this item any more. */
export type ItemRecord = {
  id: string;
  subscription: string;
  price: string;
  quantity: number | null;
  createdS: number;
  metadata: Record<string, string>;
  periodStartS: number;
  periodEndS: number;
  usageFromS: number;
};

/** Where a metered line gets its quantity from; it is read again when the invoice is finalized. */
export type UsageSource = { item: string; price: string; customer: string; fromS: number; toS: number };
/** A line of an invoice; one with a usage source is measured again when the invoice is finalized. */
export type LineRecord = {
  id: string;
  invoice: string;
  usage: UsageSource | null;
  wire: Wire<Stripe.InvoiceLineItem>;
};
/** `createdEvent` is the event whose unanswered delivery holds finalization. */
export type InvoiceRecord = {
  id: string;
  customer: string;
  subscription: string | null;
  testClock: TimeScope;
  createdEvent: string | null;
  wire: Omit<Wire<Stripe.Invoice>, "lines">;
};
/** An invoice item; `invoice` is null while it waits for one. */
export type InvoiceItemRecord = {
  id: string;
  customer: string;
  invoice: string | null;
  subscription: string | null;
  wire: Wire<Stripe.InvoiceItem>;
};
/** A credit note, found by its invoice. */
export type CreditNoteRecord = { id: string; invoice: string; wire: Wire<Stripe.CreditNote> };

/** A credit grant; `leftMinor` is what was not applied, expired or voided yet, in minor units. */
export type CreditGrantRecord = {
  id: string;
  customer: string;
  leftMinor: number;
  wire: Wire<Stripe.Billing.CreditGrant>;
};
/** One entry of the ledger of credits; `invoice` is set when it was applied to one or came back from one. */
export type CreditTransactionRecord = {
  id: string;
  customer: string;
  grant: string;
  invoice: string | null;
  wire: Wire<Stripe.Billing.CreditBalanceTransaction>;
};

/** A visit to the billing portal. */
export type PortalSessionRecord = { id: string; customer: string; wire: Wire<Stripe.BillingPortal.Session> };
/** A visit to Checkout; `subscribe` is what paying there creates, as parameters of a subscription. */
export type CheckoutSessionRecord = {
  id: string;
  subscribe: RawObject | null;
  wire: Wire<Stripe.Checkout.Session>;
};

/** An advance under way has a target and the wall instant before which it does not start; both are null when ready. */
export type TestClockRecord = {
  id: string;
  nowMs: EpochMs;
  advanceDueAt: EpochMs | null;
  targetMs: EpochMs | null;
  wire: Wire<Stripe.TestHelpers.TestClock>;
};

/** A v1 event, with the object as it was. */
export type SnapshotEvent = {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  data: { object: unknown };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
};
/** A v2 event as `/v2/core/events/{id}` returns it; its notification is the same without `data`. */
export type ThinEvent = {
  id: string;
  object: "v2.core.event";
  type: string;
  livemode: false;
  created: string;
  snapshot_event?: string;
  related_object?: { id: string; type: string; url: string };
  data?: unknown;
};
/** An event of either family. */
export type EventRecord = { id: string; type: string; createdAt: EpochMs } & (
  | { family: "snapshot"; wire: SnapshotEvent }
  | { family: "thin"; wire: ThinEvent }
);

/** Where webhooks go: a v1 endpoint or a v2 event destination. */
export type EndpointRecord = {
  id: string;
  url: string;
  secret: string;
  payload: "snapshot" | "thin";
  enabledEvents: readonly string[];
  enabled: boolean;
} & (
  | { family: "v1"; wire: Wire<Stripe.WebhookEndpoint> }
  | { family: "v2"; wire: Wire<Stripe.V2.Core.EventDestination> }
);
/** One event on its way to one endpoint. */
export type DeliveryRecord = {
  id: string;
  endpoint: string;
  event: string;
  attempts: number;
  dueAt: EpochMs;
  state: "pending" | "delivered" | "failed";
  /** Wall time of the answer that settled it. */
  answeredAt: EpochMs | null;
  lastStatus: number | null;
};

/** A legacy usage record; `order` is the order of receipt. */
export type UsageRecordRecord = { id: string; item: string; timestampS: number; quantity: number; order: number };
/** `id` is the token that the stream takes as its key. */
export type MeterSessionRecord = { id: string; expiresAt: EpochMs };
