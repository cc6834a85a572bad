import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { readOrMakeAuthSecret } from "../auth-secret.ts";
import { readConfig } from "../config.ts";
import { createContainer, resolverClasses } from "../container.ts";
import { RecordUsageInput, RecordUsageResult } from "../modules/ingestion/ingestion.types.ts";
import { CheckUsageArgs } from "../modules/limits/limit.resolver.ts";
import { mapUnlimited } from "../modules/limits/index.ts";
import { LimitStateType } from "../modules/usage/index.ts";
import { authorize } from "../platform/auth/index.ts";
import type { RequestContext } from "../platform/graphql/index.ts";
import { buildApiSchema } from "../platform/graphql/schema.ts";
import { startGraphqlServer } from "../platform/graphql/server.ts";
import { serveLive } from "../platform/live/index.ts";
import { watchProcess } from "../platform/observability/index.ts";
import { createHttpServer, serveGraphql, serveHealth } from "../platform/http/index.ts";
import { liveParts } from "../wiring/live.ts";

/** Takes and answers what `recordUsage` does, with the same checks of who asks, and records nothing. */
@Resolver()
class NothingResolver {
  @Mutation(() => RecordUsageResult)
  recordNothing(
    @Ctx() context: RequestContext,
    @Arg("input", () => RecordUsageInput) _input: RecordUsageInput,
  ): RecordUsageResult {
    authorize(context.viewer, { to: "WRITE_USAGE" });
    return { outcome: "RECORDED", event: null, rejection: null, limit: null };
  }
}

/** Takes and answers what `checkUsage` does, with the same checks of who asks, and looks nothing up. */
@Resolver()
class NothingToCheckResolver {
  @Query(() => LimitStateType)
  checkNothing(@Ctx() context: RequestContext, @Args(() => CheckUsageArgs) args: CheckUsageArgs): LimitStateType {
    authorize(context.viewer, { to: "CHECK_USAGE", customerId: "" });
    return mapUnlimited(args.meterKey, "0", 0);
  }
}

/** The naive way: one INSERT a call, and a SUM over the events to say where the customer stands. */
@Resolver()
class NaiveResolver {
  @Mutation(() => RecordUsageResult)
  async recordNaively(
    @Ctx() context: RequestContext,
    @Arg("input", () => RecordUsageInput) input: RecordUsageInput,
  ): Promise<RecordUsageResult> {
    authorize(context.viewer, { to: "WRITE_USAGE" });
    await container.database.query(
      "INSERT INTO naive_event (customer, meter, quantity, occurred_at) VALUES ($1, $2, $3, now())",
      [input.externalCustomerId, input.meterKey, input.quantity],
    );
    return { outcome: "RECORDED", event: null, rejection: null, limit: null };
  }

  @Query(() => String)
  async naiveTotal(
    @Ctx() context: RequestContext,
    @Arg("customer", () => String) customer: string,
    @Arg("meterKey", () => String) meterKey: string,
  ): Promise<string> {
    authorize(context.viewer, { to: "READ_SELF" });
    const [row] = await container.database.query<{ total: string }>(
      "SELECT coalesce(sum(quantity), 0)::text AS total FROM naive_event WHERE customer = $1 AND meter = $2",
      [customer, meterKey],
    );
    return row?.total ?? "0";
  }
}

const config = readConfig();
const container = await createContainer(config, await readOrMakeAuthSecret(config));
watchProcess(container.metrics);
await container.database.query(
  "CREATE TABLE IF NOT EXISTS naive_event (customer text, meter text, quantity numeric, occurred_at timestamptz)",
);
await container.database.query("CREATE INDEX IF NOT EXISTS naive_event_by_customer ON naive_event (customer, meter)");
const resolvers = new Map([
  ...container.resolvers,
  [NothingResolver, new NothingResolver()],
  [NothingToCheckResolver, new NothingToCheckResolver()],
  [NaiveResolver, new NaiveResolver()],
]);
const schema = buildApiSchema(
  [...resolverClasses, NothingResolver, NothingToCheckResolver, NaiveResolver],
  resolvers as never,
);
const server = createHttpServer(config.http, container.logger, container.metrics);
serveHealth(server, container.database, container.metrics);
serveGraphql(server, await startGraphqlServer(schema, container.logger), container.authenticator);
await container.live.start();
serveLive(server, { ...liveParts(container), schema });
await server.listen({ host: config.http.host, port: config.http.port });
if (config.runWorker) container.alerting.startWork();
// The driver of the benchmark waits for this message.
process.send?.({ ready: true });
