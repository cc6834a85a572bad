import { useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { problemOf } from "@meterline/web-kit";
import { useState } from "react";
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
  const [asking, setAsking] = useState(false);
  const [end, { loading, error }] = useMutation(END_LIMIT, { variables: { customerId, limitId } });
  if (!asking) {
    return (
      <Button size="compact-sm" variant="default" onClick={() => setAsking(true)} aria-label={`End now: ${words}`}>
        End now
      </Button>
    );
  }
  const confirm = () =>
    end()
      .then(onEnded)
      // The failure stands in `error`.
      .catch(() => undefined);
  return (
    <span className="ad-confirm">
      {error === undefined ? null : <span role="alert">{problemOf(error).message}</span>}
      <Button size="compact-sm" color="red" loading={loading} onClick={() => void confirm()} autoFocus>
        End this limit
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setAsking(false)}>
        Keep
      </Button>
    </span>
  );
}
