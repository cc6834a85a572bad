// @vitest-environment jsdom
import { gql } from "@apollo/client";
import { afterEach, expect, test, vi } from "vitest";
import { createApolloClient } from "./client.ts";

const QUERY = gql`
  query Ask {
    viewer {
      name
    }
  }
`;
const MUTATION = gql`
  mutation Change {
    revokeApiKey(id: "1") {
      id
    }
  }
`;

const answer = (body: object) =>
  new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
const fetchMock = vi.fn<typeof fetch>();
vi.stubGlobal("fetch", fetchMock);
afterEach(() => fetchMock.mockReset());

const client = (onSignedOut: () => void = () => undefined) => createApolloClient({ app: "portal", onSignedOut });

test("every request says which app asks, and carries this origin's cookies only", async () => {
  fetchMock.mockResolvedValue(answer({ data: { viewer: { __typename: "Viewer", name: "Mia" } } }));
  await client().query({ query: QUERY });
  const [url, options] = fetchMock.mock.calls[0] ?? [];
  expect(url).toBe("/graphql");
  expect(options?.credentials).toBe("same-origin");
  expect(new Headers(options?.headers).get("x-meterline-app")).toBe("portal");
});

test("a query that got no answer is asked again, at most three times in all", async () => {
  fetchMock.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(client().query({ query: QUERY })).rejects.toThrow("Failed to fetch");
  expect(fetchMock).toHaveBeenCalledTimes(3);
});

test("a mutation that got no answer is never sent twice: its work may be done", async () => {
  fetchMock.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(client().mutate({ mutation: MUTATION })).rejects.toThrow("Failed to fetch");
  expect(fetchMock).toHaveBeenCalledTimes(1);
});

test("an answer that the session is gone is passed on, and not asked again", async () => {
  const onSignedOut = vi.fn<() => void>();
  const errors = [{ message: "Sign in.", extensions: { code: "UNAUTHENTICATED" } }];
  fetchMock.mockResolvedValue(answer({ errors }));
  await expect(client(onSignedOut).query({ query: QUERY })).rejects.toThrow("Sign in.");
  expect(onSignedOut).toHaveBeenCalledTimes(1);
  expect(fetchMock).toHaveBeenCalledTimes(1);
});
