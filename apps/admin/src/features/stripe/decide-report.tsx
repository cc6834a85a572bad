import { useMutation } from "@apollo/client/react";
import { ConfirmButton } from "@meterline/web-kit";
import { graphql } from "../../gql/gql.ts";

const DECIDE_REPORT = graphql(`
  mutation DecideReportMutation($id: ID!, $wasCounted: Boolean!, $reason: String!) {
    decideMeterReport(id: $id, wasCounted: $wasCounted, reason: $reason) {
      id
      state
    }
  }
`);

/** Settles a report in doubt by what a person saw at Stripe. */
export function DecideReport(props: { report: { id: string; sequence: number }; onDecided: () => void }) {
  const { id, sequence } = props.report;
  const [decide, { loading, error }] = useMutation(DECIDE_REPORT);
  const settle = (wasCounted: boolean) => (reason: string) =>
    decide({ variables: { id, wasCounted, reason } }).then(props.onDecided);
  const common = { loading, error, reasonLabel: "What you saw at Stripe" };
  return (
    <>
      <ConfirmButton
        {...common}
        label="It was counted"
        confirmLabel="Settle as counted"
        about={`report ${sequence}`}
        onConfirm={settle(true)}
      />
      <ConfirmButton
        {...common}
        label="It was not"
        confirmLabel="Tell Stripe anew"
        about={`report ${sequence}`}
        onConfirm={settle(false)}
      />
    </>
  );
}
