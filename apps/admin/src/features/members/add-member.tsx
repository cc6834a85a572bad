import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";
import { AddedMember } from "./added-member.tsx";
import { MemberForm, type NewMember } from "./member-form.tsx";

const CREATE_MEMBER = graphql(`
  mutation CreateMemberMutation($input: CreateMemberInput!) {
    createMember(input: $input) {
      ...AddedMember_CreatedMember
    }
  }
`);

/** Gives a person access to the portal. The password is kept in memory only until its notice is put away. */
export function AddMember({ customerId, onAdded }: { customerId: string; onAdded: () => void }) {
  const [create, { data, loading, error, reset }] = useMutation(CREATE_MEMBER);
  const [addedBefore, setAddedBefore] = useState(false);
  const add = async (member: NewMember) => {
    await create({ variables: { input: { customerId, ...member } } })
      .then(onAdded)
      // The failure stands in `error`, which the form shows.
      .catch(() => undefined);
  };
  if (data !== undefined && data !== null) {
    const putAway = () => {
      setAddedBefore(true);
      reset();
    };
    return <AddedMember created={data.createMember} onPutAway={putAway} />;
  }
  return <MemberForm error={error} loading={loading} focused={addedBefore} onSubmit={add} onEdit={reset} />;
}
