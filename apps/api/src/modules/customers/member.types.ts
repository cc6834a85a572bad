import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar } from "../../platform/graphql/index.ts";
import type { MemberRole } from "./member.entity.ts";

/** What a member may do in the portal. */
export const MemberRoleEnum = { OWNER: "OWNER", VIEWER: "VIEWER" } as const;
registerEnumType(MemberRoleEnum, { name: "MemberRole" });

/** A person of a customer, who signs in to the portal. */
@ObjectType("Member", { simpleResolvers: true })
export class MemberType {
  @Field(() => ID)
  userId: string;

  @Field(() => String)
  name: string;

  @Field(() => String)
  email: string;

  @Field(() => MemberRoleEnum)
  role: MemberRole;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

@ObjectType({ simpleResolvers: true })
export class CreatedMember {
  @Field(() => MemberType)
  member: MemberType;

  @Field(() => String, {
    nullable: true,
    description: "Shown once. Null when a person with this e-mail was there already; the password stays.",
  })
  temporaryPassword: string | null;
}

@InputType()
export class CreateMemberInput {
  @Field(() => ID)
  customerId: string;

  @Field(() => String)
  email: string;

  @Field(() => String)
  name: string;

  @Field(() => MemberRoleEnum, { nullable: true, defaultValue: "OWNER" })
  role?: MemberRole | null;
}
