import { Counter, Gauge } from "prom-client";
import type { Metrics } from "../observability/index.ts";
import type { LiveConnections } from "./live-connections.ts";

/** Shows how many are connected, and why connections end. */
export function watchLive(metrics: Metrics, connections: LiveConnections): { closed: Counter<"code"> } {
  new Gauge({
    name: "meterline_live_connections",
    help: "Open live connections of this process.",
    registers: [metrics.registry],
    collect() {
      this.set(connections.size);
    },
  });
  return {
    closed: new Counter({
      name: "meterline_live_closed_total",
      help: "Live connections that ended, by close code.",
      labelNames: ["code"],
      registers: [metrics.registry],
    }),
  };
}
