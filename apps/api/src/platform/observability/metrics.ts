import type { Pool } from "pg";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** What `/metrics` shows. Modules add their own to `registry`. */
export type Metrics = {
  registry: Registry;
  httpDuration: Histogram<"route" | "method" | "status">;
  graphqlErrors: Counter<"code">;
};

/** Makes the registry. Durations are in seconds, as Prometheus wants them. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  return {
    registry,
    httpDuration: new Histogram({
      name: "meterline_http_request_duration_seconds",
      help: "Time from the request's arrival to the end of its answer.",
      labelNames: ["route", "method", "status"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    graphqlErrors: new Counter({
      name: "meterline_graphql_errors_total",
      help: "Errors in GraphQL answers, by code.",
      labelNames: ["code"],
      registers: [registry],
    }),
  };
}

/**
 * Shows how this operating system process is doing, by prom-client's own metrics. Once a process: they watch its garbage
 * collector and its event loop, and nothing ends that watch.
 */
export function watchProcess(metrics: Metrics): void {
  collectDefaultMetrics({ register: metrics.registry });
}

/** Shows how full the connection pool is. */
export function watchPool(metrics: Metrics, pool: Pool): void {
  new Gauge({
    name: "meterline_database_connections",
    help: "Connections of this process's pool, and requests that wait for one.",
    labelNames: ["state"],
    registers: [metrics.registry],
    collect() {
      this.set({ state: "idle" }, pool.idleCount);
      this.set({ state: "used" }, pool.totalCount - pool.idleCount);
      this.set({ state: "waiting" }, pool.waitingCount);
    },
  });
}
