import { GraphQLError } from "graphql";

/** What `extensions.code` may say. A caller switches on these; the message is for people. */
export type ErrorCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "BAD_USER_INPUT"
  | "CONFLICT"
  | "PAYLOAD_TOO_LARGE"
  | "UNAVAILABLE"
  | "INTERNAL";

/** What an error may carry beside its code. */
export type ErrorDetail = {
  /** The argument or input field at fault, as a dotted path. */
  field?: string;
  /** True when the same request may succeed later, unchanged. */
  retryable?: boolean;
  /** Every fault of the input, where more than one was found. */
  faults?: ReadonlyArray<{ path: string; message: string }>;
};

/** A caller's mistake, or an outage; its message is meant for the caller. Whatever else is thrown is a bug and is masked. */
export class CallerError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, { extensions: { code, ...detail } });
    this.name = "CallerError";
    this.code = code;
  }
}

/** Nobody is signed in, or the key is unknown or revoked. */
export const unauthenticated = (
  message = "Sign in, or send an API key as `Authorization: Bearer ml_…`.",
): CallerError => new CallerError("UNAUTHENTICATED", message);

/** The viewer is known and may not do this. */
export const forbidden = (message: string): CallerError => new CallerError("FORBIDDEN", message);

/** No such thing, or none that the viewer may see: the two are not told apart. */
export const notFound = (message: string, field?: string): CallerError =>
  new CallerError("NOT_FOUND", message, field === undefined ? {} : { field });

/** An argument is wrong; `field` names it. */
export const badUserInput = (message: string, field: string, faults?: ErrorDetail["faults"]): CallerError =>
  new CallerError("BAD_USER_INPUT", message, faults === undefined ? { field } : { field, faults });

/** The request disagrees with what is stored. */
export const conflict = (message: string, field?: string): CallerError =>
  new CallerError("CONFLICT", message, field === undefined ? {} : { field });

/** Something that we depend on is away; the same request may be sent again. */
export const unavailable = (
  message = "Meterline's database is away or too busy. Send the same request again.",
): CallerError => new CallerError("UNAVAILABLE", message, { retryable: true });

/** Stops the request when something that must hold does not: a bug in Meterline, never the caller's mistake. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
