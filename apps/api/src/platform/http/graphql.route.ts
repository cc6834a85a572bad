import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { Authenticator, Viewer } from "../auth/index.ts";
import type { RequestContext } from "../graphql/index.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null where nobody is signed in, and outside /graphql. */
    viewer: Viewer | null;
  }
}

/**
 * Serves GraphQL over POST and GET at /graphql. Who asks is settled before anything runs: a wrong key is answered with
 * 401 and an outage with 503, for clients and proxies that look at the status only.
 */
export function serveGraphql(
  server: FastifyInstance,
  apollo: ApolloServer<RequestContext>,
  authenticator: Authenticator,
): void {
  server.decorateRequest("viewer", null);
  server.route({
    method: ["GET", "POST", "OPTIONS"],
    url: "/graphql",
    preHandler: async (request) => {
      request.viewer = await authenticator.viewerOf(request.headers);
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => ({ viewer: request.viewer, requestId: request.id }),
    }),
  });
}
