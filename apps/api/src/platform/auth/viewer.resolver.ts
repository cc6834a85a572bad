import { Ctx, Field, ObjectType, Query, Resolver, registerEnumType } from "type-graphql";
import type { RequestContext } from "../graphql/context.ts";
import { ApiKeyScopeEnum } from "./api-key.types.ts";
import { authorize } from "./policy.ts";
import type { ApiKeyScope, Viewer } from "./viewer.ts";

/** What a viewer can be. */
export const ViewerKind = { MEMBER: "MEMBER", STAFF: "STAFF", API_KEY: "API_KEY" } as const;
registerEnumType(ViewerKind, { name: "ViewerKind" });

/** Who asks, as shown to themselves. The customers module adds the member's customer. */
@ObjectType("Viewer", { simpleResolvers: true })
export class ViewerType {
  @Field(() => ViewerKind)
  kind: Viewer["kind"];

  @Field(() => String)
  name: string;

  @Field(() => String, { nullable: true })
  email: string | null;

  @Field(() => [ApiKeyScopeEnum])
  scopes: ApiKeyScope[];
}

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType)
  viewer(@Ctx() context: RequestContext): ViewerType {
    const viewer = authorize(context.viewer, { to: "READ_SELF" });
    return {
      kind: viewer.kind,
      name: viewer.name,
      email: viewer.kind === "API_KEY" ? null : viewer.email,
      scopes: viewer.kind === "API_KEY" ? [...viewer.scopes] : [],
    };
  }
}
