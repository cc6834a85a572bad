import "reflect-metadata";
import { defaultFieldResolver, type GraphQLSchema } from "graphql";
import { buildSchemaSync, type NonEmptyArray } from "type-graphql";
import type { RequestContext } from "./context.ts";
import { unauthenticated } from "./errors.ts";

/** A resolver class of a module; `Function` is type-graphql's own type for classes. */
export type ResolverClass = Function;
/** The instance that serves each resolver class, made by the composition root. */
export type ResolverInstances = ReadonlyMap<ResolverClass, unknown>;

/** Builds the schema. Without instances it can be printed and not run. */
export function buildApiSchema(
  classes: readonly ResolverClass[],
  instances: ResolverInstances = new Map(),
): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: classes as NonEmptyArray<ResolverClass>,
    container: { get: (resolverClass: ResolverClass) => instances.get(resolverClass) },
    // Every field names its type, and inputs are judged by the domain, which can say what is wrong with each item.
    validate: false,
    disableInferringDefaultValues: true,
  });
  requireViewer(schema);
  return schema;
}

/** Shuts every root field to a request without a viewer, also one whose resolver forgot to ask `authorize`. */
function requireViewer(schema: GraphQLSchema): void {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (root, args, context: RequestContext, info) => {
        if (context.viewer === null) throw unauthenticated();
        return resolve(root, args, context, info);
      };
    }
  }
}
