import { callbackify } from "node:util";
import pg from "pg";
import { ProcessScope } from "./process-scope.ts";

const writePattern = /^\s*(?:insert|update|delete|merge|commit|with|truncate)\b/i;
const writingPart = /\b(?:insert\s+into|update|delete\s+from)\b/i;

/** A run kills processes, never the server, so that nothing need reach the disk; commits then cost next to nothing. */
const quickSession = "-c synchronous_commit=off";

type Query = (...parameters: unknown[]) => unknown;
type Callback = (error: Error | null, result?: unknown) => void;
/** A query object, which `pg` hands its answer to. */
type Submitted = { handleReadyForQuery: Query; handleError: Query };

/**
 * Lets every statement of every process of the simulation pass its crash point, by standing in for the one method that
 * all of them go through. Statements of the simulation itself are not touched. Answers the way back.
 */
export function openSqlGate(): () => void {
  const prototype = pg.Client.prototype as unknown as { query: Query; connect: Query };
  const { query: original, connect } = prototype;
  prototype.connect = function quick(this: pg.Client, ...parameters: unknown[]): unknown {
    (this as unknown as { connectionParameters: { options: string } }).connectionParameters.options = quickSession;
    return connect.apply(this, parameters);
  };
  prototype.query = function gated(this: pg.Client & { processID?: number }, ...parameters: unknown[]): unknown {
    const scope = ProcessScope.current();
    if (scope === undefined) return original.apply(this, parameters);
    if (typeof this.processID === "number") scope.backends.add(this.processID);
    const [asked] = parameters;
    if (isSubmitted(asked)) {
      passSubmitted(scope, asked, () => original.call(this, asked));
      return asked;
    }
    const text = textOf(asked);
    const callback = parameters.at(-1);
    if (typeof callback !== "function") {
      return scope.pass(nameOf(text), isWrite(text), () => original.apply(this, parameters) as Promise<unknown>);
    }
    // The pool asks with a callback.
    const rest = parameters.slice(0, -1);
    const ask = () => scope.pass(nameOf(text), isWrite(text), () => answered(original, this, rest));
    callbackify(ask)(callback as Callback);
    return undefined;
  };
  return () => {
    Object.assign(prototype, { query: original, connect });
  };
}

function answered(query: Query, client: pg.Client, parameters: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => (error ? reject(error) : resolve(result));
    query.apply(client, [...parameters, callback]);
  });
}

function isSubmitted(query: unknown): query is Submitted {
  return typeof (query as { submit?: unknown } | null)?.submit === "function";
}

/** The whole transaction is in one packet, so it is one write; its answer is held until it is known that anyone hears it. */
function passSubmitted(scope: ProcessScope, query: Submitted, submit: () => unknown): void {
  const { promise, resolve } = Promise.withResolvers<() => unknown>();
  const { handleReadyForQuery, handleError } = query;
  query.handleReadyForQuery = (...answer) => resolve(() => handleReadyForQuery.apply(query, answer));
  query.handleError = (...answer) => resolve(() => handleError.apply(query, answer));
  const send = () => {
    submit();
    return promise;
  };
  void scope.pass("a transaction in one packet", true, send).then((hear) => hear());
}

function textOf(query: unknown): string {
  if (typeof query === "string") return query;
  const text = (query as { text?: unknown } | null)?.text;
  return typeof text === "string" ? text : "";
}

function isWrite(text: string): boolean {
  if (!writePattern.test(text)) return false;
  return !/^\s*with\b/i.test(text) || writingPart.test(text);
}

/** Of a statement, enough for its name: some have pages, and every one of them is named. */
const shownPart = 200;

/** The beginning of a statement on one line. */
function nameOf(text: string): string {
  const line = text.slice(0, shownPart).replace(/\s+/g, " ").trim();
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
