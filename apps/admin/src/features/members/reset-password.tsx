import { useMutation } from "@apollo/client/react";
import { ConfirmButton, CreatedNotice } from "@meterline/web-kit";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";
import type { MemberTable_MemberFragment } from "../../gql/graphql.ts";

const RESET_PASSWORD = graphql(`
  mutation ResetMemberPasswordMutation($customerId: ID!, $userId: ID!) {
    resetMemberPassword(customerId: $customerId, userId: $userId) {
      temporaryPassword
      member {
        userId
        name
      }
    }
  }
`);

/** A password that was made, until its notice is put away. */
export type NewPassword = { readonly name: string; readonly password: string };

/** Gives a member another password, after asking: it signs them out everywhere. */
export function ResetPassword(props: {
  customerId: string;
  member: MemberTable_MemberFragment;
  onMade: (made: NewPassword) => void;
}) {
  const { customerId, member, onMade } = props;
  const variables = { customerId, userId: member.userId };
  // The password goes into no cache: it is shown once.
  const [reset, { loading, error }] = useMutation(RESET_PASSWORD, { variables, fetchPolicy: "no-cache" });
  const confirm = async () => {
    const { data } = await reset();
    const password = data?.resetMemberPassword.temporaryPassword;
    if (typeof password === "string") onMade({ name: member.name, password });
  };
  return (
    <ConfirmButton
      label="New temporary password"
      confirmLabel="Sign out everywhere and make one"
      about={member.name}
      loading={loading}
      error={error}
      onConfirm={confirm}
    />
  );
}

/** Holds the password that was made last, and shows it this once. */
export function useNewPassword() {
  const [made, setMade] = useState<NewPassword | null>(null);
  const notice =
    made === null ? null : (
      <CreatedNotice
        key={made.password}
        secret={{ value: made.password, label: "temporary password" }}
        onPutAway={() => setMade(null)}
      >
        <p>
          <strong>{made.name}</strong> is signed out everywhere, and signs in with this password from now on. Copy it
          now: it is shown this once. Give it to {made.name} in person or by phone.
        </p>
      </CreatedNotice>
    );
  return { notice, onMade: setMade };
}
