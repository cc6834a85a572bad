import type { EpochMs } from "@meterline/billing-domain";
import { boundedCache } from "../../platform/bounded-cache.ts";
import type { Database } from "../../platform/database/index.ts";
import { unsent } from "./attempt-end.ts";
import type { MeterReport } from "./meter-report.record.ts";
import type { CustomerRoute, MeterRoute, ReportRoutes } from "./report-route.ts";
import type { SettledAttempt } from "./report-queue.repository.ts";
import type { RoutedReport } from "./report-transport.ts";

const routeTtlMs = 10_000;
const maxCustomers = 20_000;
const heldRetryMs = 300_000;

/** A report with where it goes, or why it goes nowhere now. */
export type Routing = RoutedReport | { refusal: SettledAttempt };

/** Where reports go, remembered for ten seconds: the same customers come again and again. */
export class RouteCache {
  readonly #on: { database: Database; routes: ReportRoutes };
  readonly #customers = boundedCache<string, CustomerRoute>(maxCustomers, routeTtlMs);
  #meters: { routes: ReadonlyMap<string, MeterRoute>; readAt: number } | null = null;

  constructor(on: { database: Database; routes: ReportRoutes }) {
    this.#on = on;
  }

  /** Reads what is not known of these reports; answers how to route each of them. */
  async of(reports: readonly MeterReport[]): Promise<{ route(report: MeterReport, now: EpochMs): Routing }> {
    const meters = await this.#meterRoutes();
    const customers = await this.#customerRoutes(reports);
    return { route: (report, now) => route(report, now, meters, customers) };
  }

  async #meterRoutes(): Promise<ReadonlyMap<string, MeterRoute>> {
    const readAt = performance.now();
    if (this.#meters === null || readAt > this.#meters.readAt + routeTtlMs) {
      this.#meters = { routes: await this.#on.routes.meters(this.#on.database), readAt };
    }
    return this.#meters.routes;
  }

  async #customerRoutes(reports: readonly MeterReport[]): Promise<Map<string, CustomerRoute>> {
    const known = new Map<string, CustomerRoute>();
    const missing = new Set<string>();
    // A record's item ends with its subscription: a route of before an edge would tell it to the one that is over.
    for (const { customerId, transport } of reports) if (transport === "USAGE_RECORDS") missing.add(customerId);
    for (const { customerId } of reports) {
      if (known.has(customerId) || missing.has(customerId)) continue;
      const route = this.#customers.get(customerId);
      if (route === undefined) missing.add(customerId);
      else known.set(customerId, route);
    }
    if (missing.size === 0) return known;
    for (const [id, route] of await this.#on.routes.customers(this.#on.database, [...missing])) {
      this.#customers.set(id, route);
      known.set(id, route);
    }
    return known;
  }
}

function route(
  report: MeterReport,
  now: EpochMs,
  meters: ReadonlyMap<string, MeterRoute>,
  customers: ReadonlyMap<string, CustomerRoute>,
): Routing {
  const meter = meters.get(report.meterId);
  if (meter === undefined) {
    // Archived, or switched off: it may come back, and what waits is not lost.
    const message = "The meter takes no events at Stripe now.";
    return { refusal: unsent(report, "PENDING", now, "METER_HELD", message, now + heldRetryMs) };
  }
  const customer = customers.get(report.customerId);
  if (customer === undefined || customer.isDeleted) {
    const state = report.doubtfulSince === null ? "DEAD" : "UNCERTAIN";
    const message = "Stripe has no such customer, or deleted it.";
    return { refusal: unsent(report, state, now, "CUSTOMER_NOT_LINKED", message) };
  }
  if (report.transport === "USAGE_RECORDS" && customer.recordItem(meter.meterKey, report.eventAt) === null) {
    const message = "No subscription item has usage records of this meter.";
    return { refusal: unsent(report, "DEAD", now, "NO_RECORD_ITEM", message) };
  }
  return { report, meter, customer };
}
