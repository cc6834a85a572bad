import {
  type DocumentNode,
  type ExecutionArgs,
  type FormattedExecutionResult,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import type { ServerOptions } from "graphql-ws";
import { LRUCache } from "lru-cache";
import type { RequestContext } from "../graphql/context.ts";
import { badUserInput } from "../graphql/errors.ts";
import { codeOf, formatError, thrownError } from "../graphql/format-error.ts";
import { limitQueries, queryLimits } from "../graphql/query-limits.ts";
import type { Extra, LiveParts } from "./live-parts.ts";

const maxTokens = 5_000;
const maxErrors = 10;
/** Many viewers send the same few documents: each is read and judged once, and kept once for all of them. */
const maxDocuments = 500;
const maxCachedLength = 20_000;

type Judged = { document: DocumentNode } | { errors: readonly GraphQLError[] };

/** How an operation is judged before it runs, and what of its failures is shown. */
export function prepareLive({
  schema,
  settings,
  logger,
  metrics,
}: LiveParts): Pick<ServerOptions<Record<string, unknown>, Extra>, "onSubscribe" | "onNext" | "onError"> {
  const judgedDocuments = new LRUCache<string, Judged>({ max: maxDocuments });
  const judge = (query: string): Judged => {
    const known = judgedDocuments.get(query);
    if (known !== undefined) return known;
    const judged = judgeDocument(query);
    if (query.length <= maxCachedLength) judgedDocuments.set(query, judged);
    return judged;
  };
  const judgeDocument = (query: string): Judged => {
    try {
      const document = parse(query, { maxTokens, noLocation: true });
      const errors = validate(schema, document, [...specifiedRules, limitQueries(queryLimits)], { maxErrors });
      return errors.length > 0 ? { errors } : { document };
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  };
  const shown = (error: GraphQLError, extra: Extra) => {
    const code = codeOf(error);
    metrics.graphqlErrors.inc({ code });
    const { requestId } = extra;
    if (code === "INTERNAL") logger.error({ err: thrownError(error), requestId, code }, "a live update failed");
    const formatted = formatError(error.toJSON(), error);
    return { ...formatted, extensions: { ...formatted.extensions, requestId } };
  };
  return {
    onSubscribe({ extra, subscriptions }, _id, { query, operationName, variables }) {
      if (Object.keys(subscriptions).length > settings.maxSubscriptions)
        return [badUserInput(`One connection carries at most ${settings.maxSubscriptions} subscriptions.`, "id")];
      const judged = judge(query);
      // With our code on them, as over HTTP: what fails here is the caller's mistake.
      if ("errors" in judged) return judged.errors.map(asRequestFault);
      const operation = getOperationAST(judged.document, operationName)?.operation;
      if (operation !== OperationTypeNode.SUBSCRIPTION)
        return [badUserInput("Only subscriptions run over a live connection. Send the rest over HTTP.", "query")];
      const contextValue: RequestContext = {
        viewer: extra.connection.identity?.viewer ?? null,
        requestId: extra.requestId,
      };
      const args: ExecutionArgs = {
        schema,
        document: judged.document,
        operationName: operationName ?? null,
        variableValues: variables ?? null,
        contextValue,
        rootValue: null,
      };
      return args;
    },
    onNext({ extra }, _id, _payload, _args, result) {
      if (result.errors === undefined) return undefined;
      const formatted: FormattedExecutionResult = {
        ...(result.data === undefined ? {} : { data: result.data }),
        errors: result.errors.map((error) => shown(error as GraphQLError, extra)),
      };
      return formatted as never;
    },
    onError: ({ extra }, _id, _payload, errors) => errors.map((error) => shown(error as GraphQLError, extra)),
  };
}

function asRequestFault(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, {
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    extensions: { ...error.extensions, code: "GRAPHQL_VALIDATION_FAILED" },
  });
}
