import { ApolloLink, Observable } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { type FormattedExecutionResult, print } from "graphql";
import { type Client, createClient } from "graphql-ws";
import type { AppName } from "../apollo/app-name.ts";
import { mayRetry, retryWaitMs, saysSignedOut } from "./live-retry.ts";
import type { LiveStateStore } from "./live-state.ts";

/** Nothing is watched for this long: the connection ends, so that a page of lists holds none. */
const LAZY_CLOSE_MS = 5_000;
/** A connection that answers no ping within this is made again; a laptop that slept finds out by it. */
const KEEP_ALIVE_MS = 20_000;

type Options = { app: AppName; state: LiveStateStore; onSignedOut: () => void };

/** Makes the live connection: only while something is watched, and again for as long as that can help. */
export function createLiveClient({ app, state, onSignedOut }: Options): Client {
  let unanswered: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: () => `${location.origin.replace(/^http/, "ws")}/graphql`,
    connectionParams: { app },
    lazy: true,
    lazyCloseTimeout: LAZY_CLOSE_MS,
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: mayRetry,
    retryWait: (attempt) => waitToRetry(retryWaitMs(attempt)),
    on: {
      connecting: () => state.connecting(),
      connected: () => state.connected(),
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => client.terminate(), KEEP_ALIVE_MS / 2);
      },
      pong: (received) => {
        if (received) clearTimeout(unanswered);
      },
      closed: (event) => {
        clearTimeout(unanswered);
        if (saysSignedOut(event)) onSignedOut();
        state.closed(!mayRetry(event));
      },
    },
  });
  return client;
}

/** Waits, but not longer than until the browser says that there is a network again. */
function waitToRetry(waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, waitMs);
    addEventListener("online", end);
  });
}

/**
 * Sends GraphQL subscriptions over the live connection. When that is made again, they are sent again; a variable `after`
 * is then the `sequence` of the last value that came, so that nothing is missed and nothing comes twice.
 */
export function createLiveLink(client: Pick<Client, "subscribe">, state: LiveStateStore): ApolloLink {
  return new ApolloLink(
    (operation) =>
      new Observable<ApolloLink.Result>((observer) => {
        const variables: Record<string, unknown> = { ...operation.variables };
        // graphql-ws keeps this very object and writes it out anew at each connection.
        const payload = { operationName: operation.operationName ?? null, query: print(operation.query), variables };
        const unwatch = state.watch();
        const end = client.subscribe(payload, {
          next: (result) => {
            const sequence = sequenceOf(result.data);
            if (sequence !== null && "after" in variables) variables["after"] = sequence;
            observer.next(result as FormattedExecutionResult);
          },
          error: (fault) => {
            unwatch();
            observer.error(errorOf(fault));
          },
          complete: () => {
            unwatch();
            observer.complete();
          },
        });
        return () => {
          unwatch();
          end();
        };
      }),
  );
}

/** The cursor in the one field of a subscription's value; null where it has none. */
function sequenceOf(data: Record<string, unknown> | null | undefined): string | null {
  const [value] = Object.values(data ?? {});
  if (typeof value !== "object" || value === null || !("sequence" in value)) return null;
  return typeof value.sequence === "string" ? value.sequence : null;
}

function errorOf(fault: unknown): Error {
  if (fault instanceof Error) return fault;
  if (Array.isArray(fault)) return new CombinedGraphQLErrors({ errors: fault });
  return new Error("The live connection ended.");
}
