import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";
import { ErrorLink } from "@apollo/client/link/error";
import { RetryLink } from "@apollo/client/link/retry";
import { OperationTypeNode } from "graphql";
import type { AppName } from "./app-name.ts";
import { createCache } from "./cache.ts";
import { createLiveClient, createLiveLink } from "../live/live-link.ts";
import { LiveStateStore } from "../live/live-state.ts";
import { isRetryable, problemOf } from "./problem.ts";

/** One first try and two more, about 0.3 s and 0.6 s later; then the person decides. */
const MAX_ATTEMPTS = 3;
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 2_000;

/**
 * The one GraphQL client of an app. Queries that never got an answer are tried again; a mutation never is, because its
 * answer may be lost after its work was done. Subscriptions go over a live connection. `onSignedOut` is told when the API no longer accepts the session.
 */
export function createApolloClient(parts: {
  app: AppName;
  onSignedOut: () => void;
  /** The state of its live connection is kept here. */
  state?: LiveStateStore;
}): ApolloClient {
  const { app, onSignedOut, state = new LiveStateStore() } = parts;
  const errors = new ErrorLink(({ error }) => {
    if (problemOf(error).kind === "SIGNED_OUT") onSignedOut();
  });
  const retry = new RetryLink({
    delay: { initial: FIRST_RETRY_MS, max: LONGEST_RETRY_MS, jitter: true },
    attempts: {
      max: MAX_ATTEMPTS,
      retryIf: (error, operation) => operation.operationType === OperationTypeNode.QUERY && isRetryable(error),
    },
  });
  const http = new HttpLink({ uri: "/graphql", credentials: "same-origin", headers: { "x-meterline-app": app } });
  const liveClient = createLiveClient({ app, state, onSignedOut });
  const live = createLiveLink(liveClient, state);
  const asked = ApolloLink.from([retry, http]);
  const isLive = ({ operationType }: ApolloLink.Operation) => operationType === OperationTypeNode.SUBSCRIPTION;
  const client = new ApolloClient({
    link: ApolloLink.from([errors, ApolloLink.split(isLive, live, asked)]),
    cache: createCache(),
  });
  // The next person must not be served over the connection that the one before them opened.
  client.onClearStore(async () => liveClient.terminate());
  return client;
}
