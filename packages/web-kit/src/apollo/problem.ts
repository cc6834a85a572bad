import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";

/** What went wrong, by what a person can do about it. */
export type ProblemKind =
  | "OFFLINE"
  | "SIGNED_OUT"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "BAD_INPUT"
  | "CONFLICT"
  | "UNAVAILABLE"
  | "FAULT";

/** A failure in plain words. `retryable`: the same request may succeed later. `field` names the input at fault, if one is. */
export type Problem = {
  readonly kind: ProblemKind;
  readonly title: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly field: string | null;
};

const KIND_OF_CODE: Readonly<Record<string, ProblemKind>> = {
  UNAUTHENTICATED: "SIGNED_OUT",
  FORBIDDEN: "FORBIDDEN",
  NOT_FOUND: "NOT_FOUND",
  BAD_USER_INPUT: "BAD_INPUT",
  GRAPHQL_VALIDATION_FAILED: "FAULT",
  CONFLICT: "CONFLICT",
  PAYLOAD_TOO_LARGE: "BAD_INPUT",
  UNAVAILABLE: "UNAVAILABLE",
  INTERNAL: "FAULT",
};

const WORDS: Record<ProblemKind, { title: string; message: string; retryable: boolean }> = {
  OFFLINE: {
    title: "No connection to Meterline",
    message: "No answer came; check your connection. If you were changing something, look first whether it was done.",
    retryable: true,
  },
  SIGNED_OUT: { title: "You are signed out", message: "Sign in again to carry on.", retryable: false },
  FORBIDDEN: { title: "Not allowed", message: "Your sign-in does not give access to this.", retryable: false },
  NOT_FOUND: { title: "Not found", message: "It does not exist, or you cannot see it.", retryable: false },
  BAD_INPUT: { title: "That was not accepted", message: "Check what you entered.", retryable: false },
  CONFLICT: { title: "It has changed meanwhile", message: "Reload, and try again.", retryable: true },
  UNAVAILABLE: {
    title: "Meterline is not answering right now",
    message: "Recorded usage is safe. Try again in a moment.",
    retryable: true,
  },
  FAULT: {
    title: "Something failed on our side",
    message: "Trying again may help. If it does not, tell support when it happened.",
    retryable: true,
  },
};

/** Where the server's own message says more than our general one (which field, which id). */
const SERVER_KNOWS_BETTER: ReadonlySet<ProblemKind> = new Set(["NOT_FOUND", "BAD_INPUT", "CONFLICT", "FORBIDDEN"]);

/** Translates whatever Apollo throws into words. Unknown failures are a `FAULT`, never an empty message. */
export function problemOf(error: unknown): Problem {
  if (CombinedGraphQLErrors.is(error)) {
    const [first] = error.errors;
    const kind = KIND_OF_CODE[String(first?.extensions?.["code"])] ?? "FAULT";
    const field = first?.extensions?.["field"];
    return describe(
      kind,
      SERVER_KNOWS_BETTER.has(kind) ? first?.message : undefined,
      typeof field === "string" ? field : null,
    );
  }
  if (ServerError.is(error)) return describe(kindOfStatus(error.statusCode));
  if (error instanceof TypeError) return describe("OFFLINE");
  return describe("FAULT");
}

/** Whether the request failed before any answer: the only failure that is retried by itself, and only for queries. */
export function isRetryable(error: unknown): boolean {
  return error instanceof TypeError || (ServerError.is(error) && error.statusCode >= 502 && error.statusCode <= 504);
}

function kindOfStatus(statusCode: number): ProblemKind {
  if (statusCode === 401) return "SIGNED_OUT";
  if (statusCode === 403) return "FORBIDDEN";
  if (statusCode === 413) return "BAD_INPUT";
  return statusCode === 429 || (statusCode >= 502 && statusCode <= 504) ? "UNAVAILABLE" : "FAULT";
}

function describe(kind: ProblemKind, message?: string, field: string | null = null): Problem {
  const words = WORDS[kind];
  return { kind, ...words, message: message === undefined || message === "" ? words.message : message, field };
}
