import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { badUserInput, unavailable } from "./errors.ts";
import { codeOf, formatError } from "./format-error.ts";

/** As graphql hands over what a resolver threw. */
function format(thrown: Error) {
  const error = new GraphQLError(thrown.message, { originalError: thrown, path: ["recordUsage"] });
  return formatError(error.toJSON(), error);
}

describe("formatError", () => {
  test("our own message passes, with its code and field", () => {
    expect(format(badUserInput("first must be from 1 to 200.", "first"))).toEqual({
      message: "first must be from 1 to 200.",
      path: ["recordUsage"],
      extensions: { code: "BAD_USER_INPUT", field: "first" },
    });
  });

  test("of a bug nothing passes: no message, no stack, no SQL", () => {
    const bug = Object.assign(new Error('relation "usage_event" does not exist'), {
      code: "42P01",
      query: "SELECT secret_hash FROM api_key",
    });
    expect(format(bug)).toEqual({
      message: "Something went wrong in Meterline. Its log names this request.",
      path: ["recordUsage"],
      extensions: { code: "INTERNAL" },
    });
  });

  test("an error that imitates a code of ours is still a bug", () => {
    const imitation = Object.assign(new Error("a secret"), { extensions: { code: "INTERNAL_SERVER_ERROR" } });
    expect(format(imitation).extensions).toEqual({ code: "INTERNAL" });
  });

  test("an outage is UNAVAILABLE and retryable, at any depth", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:5432"), { code: "ECONNREFUSED" });
    for (const thrown of [refused, new Error("wrapped", { cause: refused }), unavailable()]) {
      const { message, extensions } = format(thrown);
      expect(extensions).toEqual({ code: "UNAVAILABLE", retryable: true });
      expect(message).not.toContain("10.0.0.7");
    }
  });

  test("text that PostgreSQL cannot store is the caller's mistake", () => {
    const nul = Object.assign(new Error('invalid byte sequence for encoding "UTF8": 0x00'), { code: "22021" });
    expect(format(nul)).toMatchObject({
      message: "A text of the request holds the character NUL, which cannot be stored. Leave it out.",
      extensions: { code: "BAD_USER_INPUT" },
    });
  });

  test("a faulty variable is named by its path, and a huge value is cut", () => {
    const message = `Variable "$input" got invalid value "${"x".repeat(10_000)}" at "input[3].quantity"; Decimal must be sent as a string.`;
    const error = new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
    const formatted = formatError(error.toJSON(), error);
    expect(formatted.extensions).toEqual({ code: "BAD_USER_INPUT", field: "input[3].quantity" });
    expect(formatted.message.length).toBeLessThanOrEqual(500);
    expect(formatted.message).toContain("Decimal must be sent as a string.");
    expect(codeOf(error)).toBe("BAD_USER_INPUT");
  });
});
