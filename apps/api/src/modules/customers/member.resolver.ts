import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import type { RequestContext } from "../../platform/graphql/index.ts";
import { CustomerType } from "./customer.types.ts";
import type { MemberService } from "./member.service.ts";
import { CreatedMember, CreateMemberInput, MemberType } from "./member.types.ts";

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
}
