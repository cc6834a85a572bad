import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { Authenticator } from "../auth/index.ts";
import type { RequestContext } from "../graphql/index.ts";

/** Serves GraphQL over POST and GET at /graphql; who asks is settled before anything runs. */
export function serveGraphql(
  server: FastifyInstance,
  apollo: ApolloServer<RequestContext>,
  authenticator: Authenticator,
): void {
  server.route({
    method: ["GET", "POST", "OPTIONS"],
    url: "/graphql",
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => ({
        viewer: await authenticator.viewerOf(request.headers),
        requestId: request.id,
      }),
    }),
  });
}
