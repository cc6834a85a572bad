import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from "type-graphql";
import { authorize, ViewerType } from "../../platform/auth/index.ts";
import type { RequestContext } from "../../platform/graphql/index.ts";
import { CustomerType } from "./customer.types.ts";
import type { MemberService } from "./member.service.ts";
import type { MemberRole } from "./member.entity.ts";
import { CreatedMember, CreateMemberInput, MemberRoleEnum, MemberType } from "./member.types.ts";

/** The people of customers, for staff. */
@Resolver(() => CustomerType)
export class MemberResolver {
  readonly #members: MemberService;

  constructor(services: { members: MemberService }) {
    this.#members = services.members;
  }

  @FieldResolver(() => [MemberType], { description: "Staff and keys with customers:write." })
  members(@Ctx() context: RequestContext, @Root() customer: CustomerType): Promise<MemberType[]> {
    authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    return this.#members.list(customer.id);
  }

  @Mutation(() => CreatedMember, { description: "Makes a person who can sign in to the portal for a customer." })
  createMember(
    @Ctx() context: RequestContext,
    @Arg("input", () => CreateMemberInput) input: CreateMemberInput,
  ): Promise<CreatedMember> {
    const viewer = authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    return this.#members.create(viewer, { ...input, role: input.role ?? "OWNER" });
  }

  @Mutation(() => CreatedMember, {
    description: "A new temporary password for a member, whose sessions all end. Staff only.",
  })
  resetMemberPassword(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
    @Arg("userId", () => ID) userId: string,
  ): Promise<CreatedMember> {
    const viewer = authorize(context.viewer, { to: "RESET_MEMBERS" });
    return this.#members.resetPassword(viewer, { customerId, userId });
  }
}

/** Adds to a member what they may do, so that the portal offers nothing that is refused. */
@Resolver(() => ViewerType)
export class ViewerRoleResolver {
  readonly #members: MemberService;

  constructor(services: { members: MemberService }) {
    this.#members = services.members;
  }

  @FieldResolver(() => MemberRoleEnum, { nullable: true, description: "Of a member; null for staff and API keys." })
  async role(@Ctx() context: RequestContext): Promise<MemberRole | null> {
    const viewer = authorize(context.viewer, { to: "READ_SELF" });
    return viewer.kind === "MEMBER" ? this.#members.roleOf(viewer) : null;
  }
}
