import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import {
  itemOfMeter,
  linkedCustomersAfter,
  type StripeCustomerLink,
  type StripeMeterLink,
  stripeLinks,
  stripeMeters,
} from "../stripe-catalog/index.ts";
import type { CustomerRoute, MeterRoute, ReportRoutes } from "./report-route.ts";

/** Routes as the catalog's links say. Held meters (not made yet, or archived at Stripe) have none, and wait. */
export const catalogRoutes: ReportRoutes = {
  customersAfter: linkedCustomersAfter,

  async customers(sql: Sql, customerIds: readonly string[]): Promise<ReadonlyMap<string, CustomerRoute>> {
    const { customers } = await stripeLinks(sql, customerIds);
    return new Map([...customers].map(([id, link]) => [id, customerRoute(link)]));
  },

  async meters(sql: Sql): Promise<ReadonlyMap<string, MeterRoute>> {
    const routes = [...(await stripeMeters(sql)).values()].flatMap((link) => meterRoute(link) ?? []);
    return new Map(routes.map((route) => [route.meterId, route]));
  },
};

function customerRoute(link: StripeCustomerLink): CustomerRoute {
  // At an edge one ends and another begins, and Stripe tells of the end a moment later.
  const subscriptionAt = (at: EpochMs) =>
    link.subscriptions.find(
      (one) => at >= one.startsAt && at < (one.endedAt ?? one.cancelAt ?? Number.POSITIVE_INFINITY),
    );
  return {
    customerId: link.customerId,
    stripeCustomerId: link.stripeCustomerId,
    isDeleted: link.deletedAt !== null,
    isBilledAt: (at) => subscriptionAt(at) !== undefined,
    recordItem(meterKey: string, at: EpochMs): string | null {
      const subscription = subscriptionAt(at);
      const item = subscription === undefined ? null : itemOfMeter(subscription, meterKey);
      return item === null || item.stripeMeterId ? null : item.itemId;
    },
  };
}

function meterRoute(link: StripeMeterLink): MeterRoute | null {
  const { transport } = link;
  const takesEvents = link.stripeMeterId !== null && link.active;
  if (transport === "NONE" || (transport !== "USAGE_RECORDS" && !takesEvents)) return null;
  return {
    meterId: link.meterId,
    meterKey: link.meterKey,
    aggregation: link.aggregation,
    channel: transport === "USAGE_RECORDS" ? "RECORDS" : "EVENTS",
    eventTransport: transport === "USAGE_RECORDS" ? "V1" : transport,
    mode: link.formula === "last" ? "VALUE" : "DELTA",
    stripeMeterId: link.stripeMeterId,
    eventName: link.eventName,
    customerKey: link.customerKey,
    valueKey: link.valueKey,
  };
}
