import type { Config } from "./config.ts";
import { type Container, type ContainerOverrides, createContainer, resolverClasses } from "./container.ts";
import { readOrMakeAuthSecret } from "./auth-secret.ts";
import { isOutage, migrate, requireDurable } from "./platform/database/index.ts";
import { serveMailbox } from "./platform/mail/index.ts";
import { buildApiSchema } from "./platform/graphql/schema.ts";
import { startGraphqlServer } from "./platform/graphql/server.ts";
import { createHttpServer, serveGraphql, serveHealth, serveSignIn, serveWebApp } from "./platform/http/index.ts";
import { serveLive } from "./platform/live/index.ts";
import { startJobRunner } from "./platform/jobs/index.ts";
import { createLogger, type Logger, watchProcess } from "./platform/observability/index.ts";
import { jobPlan } from "./schedule.ts";
import { makeFirstStaff, seedDemo, startDemoTraffic } from "./seed/index.ts";
import { startClosingWork } from "./wiring/closing.ts";
import { liveParts } from "./wiring/live.ts";
import { requireStripePlace, serveStripe, startStripeWork } from "./wiring/stripe.ts";

/** A process that serves, works, or both. */
export type RunningServer = {
  container: Container;
  logger: Logger;
  /** Where it listens; null when it only works. */
  url: string | null;
  /** Finishes what is under way, within the settings' grace, then closes everything. */
  stop(): Promise<void>;
};

const firstRetryMs = 250;
const lastRetryMs = 5_000;
const maxConnectAttempts = 60;
const lastMomentMs = 250;

/** Migrates, seeds if asked to, then starts what the settings say. Ready when it resolves. */
export async function startServer(config: Config, overrides: ContainerOverrides = {}): Promise<RunningServer> {
  const logger = overrides.logger ?? createLogger(config.logLevel);
  const applied = await retryOutage(logger, () => migrate(config.database.url, config.database.migrationsDirectory));
  if (applied.length > 0) logger.info({ migrations: applied }, "migrated the database");
  const container = await createContainer(config, await readOrMakeAuthSecret(config), { ...overrides, logger });
  watchProcess(container.metrics);
  const running: Running[] = [{ close: () => container.close() }];
  const stop = () => closeAll(running.toReversed(), config.http.shutdownGraceMs, logger);
  try {
    for (const warning of await requireDurable(container.database)) logger.warn(warning);
    await requireStripePlace(container);
    await makeFirstStaff(container);
    if (config.seedDemo) await seedDemo(container);
    if (config.runWorker)
      running.push(
        await work(container),
        startStripeWork(container.stripe),
        startClosingWork(container.closing),
        container.alerting.startWork(),
      );
    const http = config.runApi ? await listen(container) : null;
    if (http !== null) running.push(http);
    if (config.demoTraffic) running.push(startDemoTraffic(container));
    const url = http?.url ?? null;
    logger.info({ url, worker: config.runWorker }, "ready");
    return { container, logger, url, stop };
  } catch (error) {
    // Such as a port that is taken: what was opened until then must not keep the process alive.
    await stop();
    throw error;
  }
}

/** A part of the process that has to be closed. */
type Running = { close(): Promise<void> };

/** Closes part after part, also after one that fails; each has what is left of the grace, and at least a moment. */
async function closeAll(parts: readonly Running[], graceMs: number, logger: Logger): Promise<void> {
  const deadline = performance.now() + graceMs;
  for (const part of parts) {
    const leftMs = Math.max(deadline - performance.now(), lastMomentMs);
    try {
      if (!(await withinMs(leftMs, part.close()))) logger.warn("stopped without waiting any longer");
    } catch (error) {
      logger.error({ err: error }, "could not stop a part of the process");
    }
  }
}

async function work(container: Container): Promise<Running> {
  const { config, database, logger } = container;
  const jobs = await startJobRunner(database.pool, jobPlan(container), {
    databaseUrl: config.database.url,
    concurrency: config.workerConcurrency,
    logger,
  });
  container.reporting.start();
  return {
    async close() {
      await container.reporting.stop();
      await jobs.stop();
    },
  };
}

async function listen(container: Container): Promise<{ url: string; close(): Promise<void> }> {
  const { config, logger, metrics } = container;
  const server = createHttpServer(config.http, logger, metrics);
  const schema = buildApiSchema(resolverClasses, container.resolvers as never);
  const apollo = await startGraphqlServer(schema, logger, metrics);
  await container.live.start();
  serveLive(server, { ...liveParts(container), schema });
  serveHealth(server, container.database, metrics);
  serveGraphql(server, apollo, container.authenticator);
  await serveStripe(server, container);
  if (container.alerting.mailbox !== null) serveMailbox(server, container.alerting.mailbox);
  await serveSignIn(server, "portal", container.signIn.portal);
  await serveSignIn(server, "admin", container.signIn.admin);
  await serveWebApp(server, { prefix: "/portal/", directory: config.http.portalDirectory });
  await serveWebApp(server, { prefix: "/admin/", directory: config.http.adminDirectory });
  server.get("/", async (_request, reply) => reply.redirect("/portal/", 302));
  const url = await server.listen({ host: config.http.host, port: config.http.port });
  return {
    url,
    async close() {
      await server.close();
      await apollo.stop();
    },
  };
}

/** A database that is still starting is waited for; anything else is told at once. */
async function retryOutage<T>(logger: Logger, attempt: () => Promise<T>): Promise<T> {
  for (let count = 1, delayMs = firstRetryMs; ; count += 1, delayMs = Math.min(delayMs * 2, lastRetryMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOutage(error) || count === maxConnectAttempts) throw error;
      logger.warn({ attempt: count, delayMs }, "the database does not answer yet");
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

/** True when the work ended in time. */
async function withinMs(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([work.then(() => true), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
