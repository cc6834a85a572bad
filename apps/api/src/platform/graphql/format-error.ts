import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isOutage, sqlStateOf } from "../database/index.ts";
import { CallerError, type ErrorCode, unavailable } from "./errors.ts";

const MAX_MESSAGE_LENGTH = 500;
// What graphql and Apollo raise about the request itself; each is the caller's mistake.
const requestFaults = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);

/** What PostgreSQL says of text, or JSON, with a NUL in it; all other text reaches it as UTF-8. */
const unstorableStates = new Set(["22021", "22P05"]);

/** The error that was thrown, out of the layers that graphql and Apollo put around it. */
export function thrownError(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && !(at instanceof CallerError) && at.originalError) at = at.originalError;
  return at;
}

/** Which of our codes an error answers with. */
export function codeOf(error: unknown): ErrorCode {
  const thrown = thrownError(error);
  if (thrown instanceof CallerError) return thrown.code;
  if (isOutage(thrown)) return "UNAVAILABLE";
  if (unstorableStates.has(sqlStateOf(thrown) ?? "")) return "BAD_USER_INPUT";
  const code = error instanceof GraphQLError ? error.extensions["code"] : undefined;
  return typeof code === "string" && requestFaults.has(code) ? "BAD_USER_INPUT" : "INTERNAL";
}

/** What a caller sees of an error: our own message, or none of it. No stack, SQL or secret gets past here. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const code = codeOf(error);
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  const thrown = thrownError(error);
  if (thrown instanceof CallerError) return { message: thrown.message, ...place, extensions: { ...thrown.extensions } };
  if (code === "UNAVAILABLE") {
    const outage = unavailable();
    return { message: outage.message, ...place, extensions: { ...outage.extensions } };
  }
  if (unstorableStates.has(sqlStateOf(thrown) ?? "")) {
    const message = "A text of the request holds the character NUL, which cannot be stored. Leave it out.";
    return { message, ...place, extensions: { code } };
  }
  if (code === "BAD_USER_INPUT") {
    const field = fieldOf(formatted.message);
    return {
      message: shorten(formatted.message),
      ...place,
      extensions: { code, ...(field === null ? {} : { field }) },
    };
  }
  return { message: "Something went wrong in Meterline. Its log names this request.", ...place, extensions: { code } };
}

/** graphql names the faulty part of a variable as `at "input.quantity"`, or the variable itself as `"$input"`. */
function fieldOf(message: string): string | null {
  return /\bat "([^"]{1,200})"/.exec(message)?.[1] ?? /^Variable "\$([A-Za-z0-9_]+)"/.exec(message)?.[1] ?? null;
}

// graphql repeats the faulty value, which may be megabytes.
const shorten = (message: string): string =>
  message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, 350)} … ${message.slice(-120)}`;
