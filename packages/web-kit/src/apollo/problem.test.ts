import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { expect, test } from "vitest";
import { isRetryable, problemOf } from "./problem.ts";

const graphQLError = (code: string, message = "boom", field?: string) =>
  new CombinedGraphQLErrors({ errors: [{ message, extensions: { code, ...(field === undefined ? {} : { field }) } }] });
const serverError = (status: number) =>
  new ServerError("failed", { response: new Response("", { status }), bodyText: "" });

test("a lost session is told from a missing right", () => {
  expect(problemOf(graphQLError("UNAUTHENTICATED")).kind).toBe("SIGNED_OUT");
  expect(problemOf(serverError(401)).kind).toBe("SIGNED_OUT");
  expect(problemOf(graphQLError("FORBIDDEN", "This key lacks usage:read.")).message).toBe("This key lacks usage:read.");
});

test("a caller's mistake keeps the server's words and names its field", () => {
  const problem = problemOf(graphQLError("BAD_USER_INPUT", "The name is taken.", "name"));
  expect(problem).toMatchObject({ kind: "BAD_INPUT", message: "The name is taken.", field: "name", retryable: false });
});

test("a fault never shows its inner message", () => {
  expect(problemOf(graphQLError("INTERNAL", "column x does not exist")).message).not.toContain("column");
  expect(problemOf(graphQLError("SOMETHING_NEW", "secret")).message).not.toContain("secret");
  expect(problemOf(new Error("secret")).message).not.toContain("secret");
});

test("no answer at all is offline, and only that and 502 to 504 are tried again by themselves", () => {
  expect(problemOf(new TypeError("Failed to fetch")).kind).toBe("OFFLINE");
  expect(isRetryable(new TypeError("Failed to fetch"))).toBe(true);
  expect(isRetryable(serverError(503))).toBe(true);
  expect(isRetryable(serverError(500))).toBe(false);
  expect(isRetryable(serverError(429))).toBe(false);
  expect(isRetryable(graphQLError("UNAVAILABLE"))).toBe(false);
});
