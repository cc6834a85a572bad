import { CreatedNotice } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import { roleName } from "./role-words.ts";

const ADDED_MEMBER_CREATED_MEMBER = graphql(`
  fragment AddedMember_CreatedMember on CreatedMember {
    temporaryPassword
    member {
      userId
      name
      email
      role
    }
  }
`);

/** The member as stored, who may have been there before, and the password to hand over when one was made. */
export function AddedMember(props: {
  created: FragmentType<typeof ADDED_MEMBER_CREATED_MEMBER>;
  onPutAway: () => void;
}) {
  const { member, temporaryPassword } = readFragment(ADDED_MEMBER_CREATED_MEMBER, props.created);
  const secret = temporaryPassword === null ? null : { value: temporaryPassword, label: "temporary password" };
  return (
    <CreatedNotice secret={secret} onPutAway={props.onPutAway}>
      <p>
        <strong>{member.name}</strong> ({roleName(member.role)}) can sign in to the portal as{" "}
        <strong>{member.email}</strong>.
      </p>
      {temporaryPassword === null ? (
        <p>This person had a sign-in already; their password stays.</p>
      ) : (
        <p>
          Copy the temporary password now: it is shown this once and cannot be shown again. Give it to {member.name} in
          person or by phone, not together with the e-mail address.
        </p>
      )}
    </CreatedNotice>
  );
}
