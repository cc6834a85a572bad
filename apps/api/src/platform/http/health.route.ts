import type { FastifyInstance } from "fastify";
import type { Sql } from "../database/index.ts";
import type { Metrics } from "../observability/index.ts";

/** /healthz: the process runs. /readyz: it can serve, its database answers. /metrics: for Prometheus. */
export function serveHealth(server: FastifyInstance, sql: Sql, metrics: Metrics): void {
  server.get("/healthz", async () => ({ status: "ok" }));
  server.get("/readyz", async (_request, reply) => {
    try {
      await sql.query("SELECT 1");
      return { status: "ready" };
    } catch {
      // Why it is away is in the log of whoever needed it; a probe only asks whether.
      return reply.code(503).send({ status: "the database does not answer" });
    }
  });
  server.get("/metrics", async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
