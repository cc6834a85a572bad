import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ApolloClient, ApolloLink, Observable } from "@apollo/client";
import { buildSchema, graphql, GraphQLError, print } from "graphql";
import { createCache } from "../apollo/cache.ts";

const schema = buildSchema(readFileSync(join(import.meta.dirname, "../../../../apps/api/schema.graphql"), "utf8"));

/** Fields of Query and Mutation, as values or functions of their arguments. */
export type MockRoot = Record<string, unknown>;

/** An API that answers from `root` and is as strict as the real schema: unknown fields, wrong arguments and missing values fail. */
export type MockApi = {
  readonly client: ApolloClient;
  readonly operations: { name: string; variables: unknown }[];
  /** May be changed by a test: later operations answer from what it then holds. */
  readonly root: MockRoot;
};

/** A client whose every operation runs against the committed schema. `operations` holds what was asked, in order. */
export function mockApi(root: MockRoot): MockApi {
  const operations: MockApi["operations"] = [];
  const link = new ApolloLink(
    (operation) =>
      new Observable((observer) => {
        operations.push({ name: operation.operationName ?? "", variables: operation.variables });
        graphql({
          schema,
          source: print(operation.query),
          rootValue: root,
          variableValues: operation.variables,
          operationName: operation.operationName ?? null,
        }).then(
          (result) => {
            observer.next(JSON.parse(JSON.stringify(result)));
            observer.complete();
          },
          (fault: unknown) => observer.error(fault),
        );
      }),
  );
  return { client: new ApolloClient({ link, cache: createCache() }), operations, root };
}

/** The error that the API answers with, by code; `field` is the input at fault. */
export function apiError(code: string, message = "boom", field?: string): GraphQLError {
  return new GraphQLError(message, { extensions: field === undefined ? { code } : { code, field } });
}
