import type { IncomingMessage } from "node:http";
import type { GraphQLSchema } from "graphql";
import type { Authenticator } from "../auth/index.ts";
import type { Clock } from "../clock.ts";
import type { Sql } from "../database/index.ts";
import type { Logger, Metrics } from "../observability/index.ts";
import type { LiveConnection } from "./live-connections.ts";
import type { LiveSettings } from "./live-settings.ts";

/** What serves live updates. */
export type LiveParts = {
  schema: GraphQLSchema;
  authenticator: Authenticator;
  sql: Sql;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  publicUrl: string;
  settings: LiveSettings;
};

/** What belongs to a connection while it lives. */
export type Extra = { connection: LiveConnection; request: IncomingMessage; requestId: string };
