import { useMutation, useQuery } from "@apollo/client/react";
import { Button, Textarea } from "@mantine/core";
import { EmptyState, ErrorState, Money, problemOf, Quantity } from "@meterline/web-kit";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";

const STATEMENT_TICKETS_QUERY = graphql(`
  query StatementTicketsQuery($statementId: ID!) {
    discrepancies(statementId: $statementId, unsettled: false, first: 100) {
      nodes {
        id
        kind
        message
        state
        units
        amount {
          amountMinor
          currency
        }
        settledBy
        reason
      }
    }
  }
`);

const RETRY_STATEMENT = graphql(`
  mutation RetryStatement($id: ID!) {
    retryStatement(id: $id) {
      id
      state
    }
  }
`);

const ACCEPT_STATEMENT = graphql(`
  mutation AcceptStatement($id: ID!, $reason: String!) {
    acceptStatement(id: $id, reason: $reason) {
      id
      state
      acceptedReason
      finalAt
    }
  }
`);

/** What was found about a statement, and what staff do while it is held: try again, or go on with a reason. */
export function StatementTickets(props: { statementId: string; isHeld: boolean; onChanged: () => void }) {
  const { data, error, refetch } = useQuery(STATEMENT_TICKETS_QUERY, { variables: { statementId: props.statementId } });
  const nodes = data?.discrepancies.nodes ?? [];
  if (error !== undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!props.isHeld && nodes.length === 0) return null;
  return (
    <section className="ml-panel" aria-labelledby="tickets-title">
      <div className="ml-panel-head">
        <h2 id="tickets-title" className="ml-panel-title">
          Discrepancies
        </h2>
        <p className="ml-panel-note">Only staff see this. Differences are Stripe's less ours.</p>
      </div>
      {nodes.length === 0 ? (
        <EmptyState title="None is written down" />
      ) : (
        <section className="ml-scroll" tabIndex={0} aria-label="Discrepancies of this statement">
          <table className="ml-table">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">State</th>
                <th scope="col" className="ml-right">
                  Units
                </th>
                <th scope="col" className="ml-right">
                  Amount
                </th>
              </tr>
            </thead>
            <tbody>
              {nodes.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    {one.message}
                    <span className="ml-statement-kind">
                      {one.kind}
                      {one.reason === null ? "" : `: ${one.reason} (${one.settledBy})`}
                    </span>
                  </th>
                  <td>
                    <span className="ml-tag" data-tone={one.state === "TICKET" ? "warn" : undefined}>
                      {one.state.toLowerCase()}
                    </span>
                  </td>
                  <td className="ml-right">{one.units === null ? "–" : <Quantity value={one.units} />}</td>
                  <td className="ml-right">{one.amount === null ? "–" : <Money value={one.amount} signed />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {props.isHeld ? (
        <HeldActions
          statementId={props.statementId}
          onChanged={() => {
            props.onChanged();
            void refetch();
          }}
        />
      ) : null}
    </section>
  );
}

function HeldActions({ statementId, onChanged }: { statementId: string; onChanged: () => void }) {
  const [reason, setReason] = useState("");
  const [retry, retrying] = useMutation(RETRY_STATEMENT, { variables: { id: statementId } });
  const [accept, accepting] = useMutation(ACCEPT_STATEMENT);
  const error = retrying.error ?? accepting.error;
  // The failure is shown below; nothing else is to be done about it here.
  const run = (work: Promise<unknown>) => void work.then(onChanged, () => undefined);
  return (
    <form
      className="ad-held"
      onSubmit={(event) => {
        event.preventDefault();
        run(accept({ variables: { id: statementId, reason } }));
      }}
    >
      <Textarea
        label="Why it is accepted as it is"
        description="Only staff see it. What the invoice says is what is paid."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={1_000}
        autosize
        minRows={2}
      />
      {error === undefined ? null : (
        <p role="alert" className="ad-held-error">
          {problemOf(error).message}
        </p>
      )}
      <div className="ad-held-buttons">
        <Button type="button" variant="default" loading={retrying.loading} onClick={() => run(retry())}>
          Try again with Stripe
        </Button>
        <Button type="submit" loading={accepting.loading} disabled={reason.trim() === ""}>
          Accept the difference
        </Button>
      </div>
    </form>
  );
}
