import {
  type Decimal,
  customerPeriodAt,
  type EpochMs,
  minutesAround,
  summaryValue,
  type Window,
  wholeUnits,
  ZERO,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import { selectProfiles } from "../catalog/index.ts";
import type { ReportPlanner } from "./report-planner.ts";
import type { CustomerRoute, MeterRoute, ReportRoutes } from "./report-route.ts";
import { periodStandings } from "./told-total.read-model.ts";

/** One meter of the parity sheet of a customer: our total, what each channel was told, and what Stripe counts by each. */
export type ParityRow = {
  meterKey: string;
  window: Window;
  ours: Decimal;
  toldByEvents: Decimal;
  toldByRecords: Decimal;
  /** Null where it could not be read; `fault` says why. */
  countedByEvents: Decimal | null;
  countedByRecords: Decimal | null;
  /** Whether both count what they should: ours, and of records its whole units. */
  isEqual: boolean;
  fault: string | null;
};

/** What the sheet is made from. */
export type ParityParts = {
  database: Database;
  clock: Clock;
  planner: ReportPlanner;
  routes: ReportRoutes;
  gateway: StripeGateway;
};

type RecordSummaries = { data: { total_usage: number; period: { start: number | null; end: number | null } }[] };

/** Holds a customer's two channels against each other and against ours, for one billing period. Two GETs a meter. */
export class ParityService {
  readonly #on: ParityParts;

  constructor(parts: ParityParts) {
    this.#on = parts;
  }

  /** Null for an unknown customer, or one that is not linked. */
  async sheet(customerId: string, at: EpochMs | null): Promise<ParityRow[] | null> {
    const { database, clock, planner, routes } = this.#on;
    const [profile] = await selectProfiles(database, { ids: [customerId], externalIds: [] });
    const customer = (await routes.customers(database, [customerId])).get(customerId);
    if (profile === undefined || customer === undefined) return null;
    const { window } = customerPeriodAt(profile.subscriptions, at ?? clock.now());
    const ours = await planner.ours(customerId, window.startAt);
    const standings = await periodStandings(database, customerId, window.startAt);
    const rows: ParityRow[] = [];
    for (const meter of (await routes.meters(database)).values()) {
      const told = (channel: string) =>
        standings.find((one) => one.meterId === meter.meterId && one.channel === channel)?.told ?? ZERO;
      const target = ours.get(meter.meterId);
      if (target === undefined && told("EVENTS").eq(ZERO) && told("RECORDS").eq(ZERO)) continue;
      const base = { meterKey: meter.meterKey, window, ours: target ?? ZERO };
      const toldBy = { toldByEvents: told("EVENTS"), toldByRecords: told("RECORDS") };
      rows.push({ ...base, ...toldBy, ...(await this.#counted(base.ours, { meter, customer, window })) });
    }
    return rows;
  }

  async #counted(ours: Decimal, of: { meter: MeterRoute; customer: CustomerRoute; window: Window }) {
    try {
      const countedByEvents = await this.#byEvents(of);
      const countedByRecords = await this.#byRecords(of);
      const isEqual = countedByEvents.eq(ours) && countedByRecords.eq(wholeUnits(ours));
      return { countedByEvents, countedByRecords, isEqual, fault: null };
    } catch (error) {
      const { message } = classifyStripeError(error);
      return { countedByEvents: null, countedByRecords: null, isEqual: false, fault: message };
    }
  }

  async #byEvents({ meter, customer, window }: { meter: MeterRoute; customer: CustomerRoute; window: Window }) {
    if (meter.stripeMeterId === null) return ZERO;
    // Stripe answers for whole minutes; billing periods of linked customers begin and end on them.
    const range = minutesAround([window.startAt, window.endAt - 1]);
    const page = await this.#on.gateway.stripe.billing.meters.listEventSummaries(meter.stripeMeterId, {
      customer: customer.stripeCustomerId,
      start_time: range.startAt / 1000,
      end_time: range.endAt / 1000,
      limit: 1,
    });
    return summaryValue(page.data[0]?.aggregated_value ?? 0).value;
  }

  async #byRecords({ meter, customer, window }: { meter: MeterRoute; customer: CustomerRoute; window: Window }) {
    const item = customer.recordItem(meter.meterKey, window.startAt);
    if (item === null) return ZERO;
    const path = `/v1/subscription_items/${item}/usage_record_summaries?limit=100`;
    const { data } = await this.#on.gateway.legacy<RecordSummaries>("GET", path);
    const startS = Math.floor(window.startAt / 1000);
    const own = data.find(({ period }) => (period.start ?? 0) <= startS && startS < (period.end ?? Number.MAX_VALUE));
    return summaryValue(own?.total_usage ?? 0).value;
  }
}
