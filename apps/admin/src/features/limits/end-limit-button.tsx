import { useMutation } from "@apollo/client/react";
import { ConfirmButton } from "@meterline/web-kit";
import { graphql } from "../../gql/gql.ts";

const END_LIMIT = graphql(`
  mutation EndLimitMutation($customerId: ID!, $limitId: ID!) {
    endCustomerLimit(customerId: $customerId, limitId: $limitId) {
      id
      endsAt
    }
  }
`);

/** Ends a limit that somebody set. Asks once more in place, because usage that was refused may then be recorded at once. */
export function EndLimitButton(props: { customerId: string; limitId: string; words: string; onEnded: () => void }) {
  const { customerId, limitId, words, onEnded } = props;
  const [end, { loading, error }] = useMutation(END_LIMIT, { variables: { customerId, limitId } });
  return (
    <ConfirmButton
      label="End now"
      confirmLabel="End this limit"
      about={words}
      color="red"
      loading={loading}
      error={error}
      onConfirm={() => end().then(onEnded)}
    />
  );
}
