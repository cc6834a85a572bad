// @vitest-environment jsdom
import { ApolloClient, gql } from "@apollo/client";
import type { Client, FormattedExecutionResult, Sink } from "graphql-ws";
import { expect, test } from "vitest";
import { createCache } from "../apollo/cache.ts";
import { createLiveLink } from "./live-link.ts";
import { LiveStateStore } from "./live-state.ts";

const ALERTS = gql`
  subscription Watch($after: String) {
    limitAlerts(customerId: "1", after: $after) {
      id
      sequence
    }
  }
`;

/** What graphql-ws was given, as it would write it out at this moment. */
function connect() {
  const given: { payload: unknown; sink: Sink<FormattedExecutionResult<Record<string, unknown>>> }[] = [];
  const live = {
    subscribe: (payload: unknown, sink: unknown) => {
      given.push({ payload, sink } as never);
      return () => undefined;
    },
  } as unknown as Client;
  const client = new ApolloClient({ link: createLiveLink(live, new LiveStateStore()), cache: createCache() });
  const seen: unknown[] = [];
  client.subscribe({ query: ALERTS, variables: { after: "3" } }).subscribe({
    next: ({ data, error }) => seen.push(error === undefined ? data : error.message),
    error: (error) => seen.push(String(error)),
  });
  const [first] = given;
  if (first === undefined) throw new Error("nothing was subscribed");
  const written = () => JSON.parse(JSON.stringify(first.payload)) as { variables: unknown };
  return { written, sink: first.sink, seen };
}

const alert = (sequence: string) => ({
  data: { limitAlerts: { __typename: "LimitAlert", id: `alert-${sequence}`, sequence } },
});

test("the last sequence that came is what a new connection resumes after", () => {
  const { written, sink } = connect();
  expect(written().variables).toEqual({ after: "3" });
  sink.next(alert("4"));
  sink.next(alert("7"));
  expect(written().variables).toEqual({ after: "7" });
});

test("a refusal of the subscription arrives as the error that it is", async () => {
  const { sink, seen } = connect();
  sink.error([{ message: "There is no such customer.", extensions: { code: "NOT_FOUND" } }] as never);
  await Promise.resolve();
  expect(JSON.stringify(seen)).toContain("There is no such customer.");
});
