import "reflect-metadata";
import { defaultFieldResolver, type GraphQLSchema } from "graphql";
import { buildSchemaSync, type NonEmptyArray, type PubSub } from "type-graphql";
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
    pubSub: noTopics,
  });
  requireViewer(schema);
  openLiveFields(schema, instances);
  return schema;
}

/** type-graphql wants one where there are subscriptions; ours open their own sources, which read tables. */
const noTopics: PubSub = {
  publish: () => undefined,
  subscribe: (topic) => {
    throw new Error(`Invariant broken: nothing is published as ${topic}`);
  },
};

/** Opens what a live field sends: the values come one after the other until the viewer leaves. */
export type OpenLive<Args> = (args: Args, context: RequestContext) => Promise<AsyncIterable<unknown>>;

/**
 * For `subscribe` of a live field: the method of the resolver's instance that opens its source. The instance comes as the
 * root value, because type-graphql makes this function before there is any.
 */
export function openWith<Resolver, Args>(
  resolverClass: () => ResolverClass & { prototype: Resolver },
  open: (resolver: Resolver) => OpenLive<Args>,
) {
  return (data: { source?: unknown; args: unknown; context: unknown }): Promise<AsyncIterable<unknown>> => {
    const instance = (data.source as ResolverInstances).get(resolverClass());
    return open(instance as Resolver)(data.args as Args, data.context as RequestContext);
  };
}

/** Shuts live fields as {@link requireViewer} does the others, and gives them the instances. */
function openLiveFields(schema: GraphQLSchema, instances: ResolverInstances): void {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe } = field;
    field.subscribe = (_root, args, context: RequestContext, info) => {
      if (context.viewer === null) throw unauthenticated();
      return subscribe?.(instances, args, context, info);
    };
  }
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
