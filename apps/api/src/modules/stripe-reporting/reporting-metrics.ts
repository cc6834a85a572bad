import { Counter, Gauge } from "prom-client";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import type { Metrics } from "../../platform/observability/index.ts";
import { reportBacklog } from "./report-backlog.read-model.ts";

const reuseMs = 1_000;

/** Counts how attempts ended. */
export function countOutcomes(metrics: Metrics): (state: string, transport: string) => void {
  const outcomes = new Counter({
    name: "meterline_meter_reports_total",
    help: "Attempts at telling Stripe, by the state they left the report in and how it travels.",
    labelNames: ["state", "transport"],
    registers: [metrics.registry],
  });
  return (state, transport) => outcomes.inc({ state, transport });
}

/** Shows what waits, for how long, and which process tells Stripe. */
export function watchReporting(
  metrics: Metrics,
  on: { database: Database; clock: Clock; held: () => number; isLeader: () => boolean },
): void {
  // Two gauges ask in one scrape; with a long backlog the answer costs a tenth of a second.
  let latest: { askedAt: number; answer: ReturnType<typeof reportBacklog> } | null = null;
  const backlog = () => {
    const askedAt = performance.now();
    if (latest === null || askedAt > latest.askedAt + reuseMs) {
      latest = { askedAt, answer: reportBacklog(on.database, on.clock.now()) };
    }
    return latest.answer;
  };
  new Gauge({
    name: "meterline_meter_report_backlog",
    help: "Meter reports that are not settled, by state; at most 100,001 each.",
    labelNames: ["state"],
    registers: [metrics.registry],
    async collect() {
      const { counts } = await backlog();
      for (const { state, count } of counts) this.set({ state }, count);
    },
  });
  new Gauge({
    name: "meterline_meter_report_oldest_seconds",
    help: "How long the report that is due longest has been due.",
    registers: [metrics.registry],
    async collect() {
      const { lagMs } = await backlog();
      this.set(lagMs / 1000);
    },
  });
  new Gauge({
    name: "meterline_meter_reports_in_memory",
    help: "Meter reports that this process has taken up and not settled.",
    registers: [metrics.registry],
    collect() {
      this.set(on.held());
    },
  });
  new Gauge({
    name: "meterline_meter_report_leader",
    help: "1 in the process that tells Stripe.",
    registers: [metrics.registry],
    collect() {
      this.set(on.isLeader() ? 1 : 0);
    },
  });
}
