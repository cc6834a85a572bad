import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { RequestContext } from "./context.ts";
import { codeOf, formatError, thrownError } from "./format-error.ts";
import { limitQueries, queryLimits } from "./query-limits.ts";

// Enough for 1,000 items written out in the query itself; variables are not counted.
const MAX_TOKENS = 60_000;

/** The GraphQL server, started; `graphql-ws` for live updates will share its schema. */
export async function startGraphqlServer(
  schema: GraphQLSchema,
  logger: Logger,
  metrics?: Metrics,
): Promise<ApolloServer<RequestContext>> {
  const server = new ApolloServer<RequestContext>({
    schema,
    formatError,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    cache: "bounded",
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [limitQueries(queryLimits)],
    validationOptions: { maxErrors: 10 },
    // Apollo's page for browsers loads its scripts from elsewhere, which our headers forbid.
    plugins: [tellErrors(logger, metrics), ApolloServerPluginLandingPageDisabled()],
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (text) => logger.warn(text),
      error: (text) => logger.error(text),
    },
    // Otherwise the environment decides what an error shows.
    nodeEnv: "production",
  });
  await server.start();
  return server;
}

/** Logs what the caller does not see, under the request id that the caller does see; counts every error by its code. */
function tellErrors(logger: Logger, metrics: Metrics | undefined): ApolloServerPlugin<RequestContext> {
  return {
    async contextCreationDidFail({ error }) {
      logger.error({ err: error }, "could not make the context of a request");
    },
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, contextValue, operationName }) {
          for (const error of errors) {
            const code = codeOf(error);
            metrics?.graphqlErrors.inc({ code });
            const fields = {
              err: thrownError(error),
              requestId: contextValue.requestId,
              code,
              operationName,
              path: error.path,
            };
            if (code === "INTERNAL") logger.error(fields, "request failed");
            else if (code === "UNAVAILABLE") logger.warn(fields, "request refused");
          }
        },
        async willSendResponse({ response, contextValue }) {
          if (response.body.kind !== "single" || response.body.singleResult.errors === undefined) return;
          response.body.singleResult.errors = response.body.singleResult.errors.map((error) => ({
            ...error,
            extensions: { ...error.extensions, requestId: contextValue.requestId },
          }));
        },
      };
    },
  };
}
