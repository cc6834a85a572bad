import type { Sandbox, SandboxSettings } from "@meterline/stripe-sandbox";
import { decimal, formatDecimal, sumDecimals } from "@meterline/billing-domain";
import { startStripe } from "../../platform/stripe/stripe.testing.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { createLogger } from "../../platform/observability/index.ts";
import { newCustomer, record, startTestSystem, type TestSystem, usageItem } from "../../testing/test-system.ts";
import { catalogRoutes } from "./catalog-routes.ts";
import { ChannelMoves } from "./channel-move.repository.ts";
import { LevelTargets } from "./level-target.read-model.ts";
import { MeterReportingService } from "./meter-reporting.ts";
import { ReportPlanner } from "./report-planner.ts";
import { ReportQueue } from "./report-queue.repository.ts";
import { ReportSender, type SenderSettings } from "./report-sender.ts";
import { ReportTransport } from "./report-transport.ts";

/** What is needed to plan and send on one database against one sandbox, whose time is the test's. */
export type ReportingBench = {
  system: TestSystem;
  sandbox: Sandbox;
  gateway: StripeGateway;
  planner: ReportPlanner;
  queue: ReportQueue;
  reporting: MeterReportingService;
  /** A sender as another process would have it. */
  newSender(queue?: ReportQueue): ReportSender;
  /** A customer of plan `standard` that Stripe has. */
  linkedCustomer(startsAt?: string): Promise<{ customerId: string; stripeCustomerId: string }>;
  use(customerId: string, quantity: string, meterKey?: string): Promise<void>;
  /** What Stripe counts of a customer and meter from 1 March to 1 May. */
  counted(of: { stripeCustomerId: string; meterKey?: string }): Promise<string>;
  /** How many events Stripe counted in all. */
  close(): Promise<void>;
};

const settings: SenderSettings = { window: 500, concurrency: 20, streamConcurrency: 4 };

/** Starts all of it. The meters `calls`, `peak`, `users` and `units` exist at Stripe. */
export async function startReporting(
  options: { sandbox?: SandboxSettings; transport?: "V1" | "V2" | "STREAM"; timeoutMs?: number } = {},
): Promise<ReportingBench> {
  const system = await startTestSystem();
  const { container, clock } = system;
  const { database } = container;
  const { sandbox, gateway } = await startStripe({
    clock,
    sandbox: options.sandbox ?? {},
    settings: { timeoutMs: options.timeoutMs ?? 5_000 },
  });
  const stripeMeters = new Map<string, string>();
  for (const key of ["calls", "peak", "users", "units", "seats", "latest"]) {
    const made = await gateway.stripe.billing.meters.create({
      display_name: key,
      event_name: key,
      default_aggregation: { formula: key === "latest" ? "last" : "sum" },
    });
    stripeMeters.set(key, made.id);
    await database.query(
      `INSERT INTO stripe_meter (meter_id, stripe_meter_id, event_name, formula, customer_key, value_key, active, adopted,
         linked_at) SELECT id, $2, $1, $3, 'stripe_customer_id', 'value', true, false, now() FROM meter WHERE key = $1`,
      [key, made.id, key === "latest" ? "last" : "sum"],
    );
  }
  await database.query("UPDATE meter SET stripe_transport = $1", [options.transport ?? "V1"]);
  const queue = new ReportQueue(database);
  const moves = new ChannelMoves();
  const levels = new LevelTargets(container.meters);
  const planner = new ReportPlanner({ database, clock, routes: catalogRoutes, moves, levels });
  const reporting = new MeterReportingService({ database, clock, planner });
  const logger = createLogger("silent");
  return {
    system,
    sandbox,
    gateway,
    planner,
    queue,
    reporting,
    newSender: (own = queue) =>
      new ReportSender({
        database,
        clock,
        logger,
        queue: own,
        routes: catalogRoutes,
        transport: new ReportTransport(gateway, clock),
        observe: () => undefined,
        settings,
      }),
    async linkedCustomer(startsAt) {
      const customerId = await newCustomer(system, { planKey: "standard", ...(startsAt && { startsAt }) });
      const { id } = await gateway.stripe.customers.create();
      await database.query("INSERT INTO stripe_customer VALUES ($1, $2, NULL, false, NULL, now())", [customerId, id]);
      return { customerId, stripeCustomerId: id };
    },
    async use(customerId, quantity, meterKey = "calls") {
      const [outcome] = await record(
        container,
        usageItem({ customerId, meterKey, quantity, occurredAt: new Date(clock.now()).toISOString() }),
      );
      if (outcome?.outcome !== "RECORDED") throw new Error(JSON.stringify(outcome));
    },
    async counted({ stripeCustomerId, meterKey = "calls" }) {
      await sandbox.process();
      const meterId = stripeMeters.get(meterKey) ?? "";
      const hours = await gateway.stripe.billing.meters
        .listEventSummaries(meterId, {
          customer: stripeCustomerId,
          start_time: Date.parse("2026-03-01T00:00:00Z") / 1000,
          end_time: Date.parse("2026-05-01T00:00:00Z") / 1000,
          value_grouping_window: "day",
          limit: 100,
        })
        .autoPagingToArray({ limit: 1_000 });
      return formatDecimal(sumDecimals(hours.map((hour) => decimal(String(hour.aggregated_value)))));
    },
    async close() {
      await sandbox.close();
      await system.close();
    },
  };
}
