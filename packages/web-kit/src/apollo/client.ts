import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";
import { ErrorLink } from "@apollo/client/link/error";
import { RetryLink } from "@apollo/client/link/retry";
import { OperationTypeNode } from "graphql";
import { createCache } from "./cache.ts";
import { isRetryable, problemOf } from "./problem.ts";

/** Which app asks: the API reads the cookie of that app's sign-in and no other. */
export type AppName = "portal" | "admin";

/** One first try and two more, about 0.3 s and 0.6 s later; then the person decides. */
const MAX_ATTEMPTS = 3;
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 2_000;

/**
 * The one GraphQL client of an app. Queries that never got an answer are tried again; a mutation never is, because its
 * answer may be lost after its work was done. `onSignedOut` is told when the API no longer accepts the session.
 */
export function createApolloClient({ app, onSignedOut }: { app: AppName; onSignedOut: () => void }): ApolloClient {
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
  return new ApolloClient({ link: ApolloLink.from([errors, retry, http]), cache: createCache() });
}
