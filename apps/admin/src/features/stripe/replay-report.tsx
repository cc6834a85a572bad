import { useMutation } from "@apollo/client/react";
import { ConfirmButton } from "@meterline/web-kit";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";

const REPLAY_REPORT = graphql(`
  mutation ReplayReportMutation($ids: [ID!]!) {
    replayMeterReports(ids: $ids) {
      replayed
      tooOld
    }
  }
`);

/** Tells one dead letter again, under a new identifier. */
export function ReplayReport(props: { report: { id: string; sequence: number }; onReplayed: () => void }) {
  const { id, sequence } = props.report;
  const [note, setNote] = useState("");
  const [replay, { loading, error }] = useMutation(REPLAY_REPORT, { variables: { ids: [id] } });
  const confirm = async () => {
    const { data } = await replay();
    if (data?.replayMeterReports.tooOld) setNote("Stripe takes nothing that old any more; it stays as it is.");
    else props.onReplayed();
  };
  return (
    <>
      {note === "" ? null : <span role="alert">{note}</span>}
      <ConfirmButton
        label="Replay"
        confirmLabel="Tell Stripe again"
        about={`report ${sequence}`}
        loading={loading}
        error={error}
        onConfirm={confirm}
      />
    </>
  );
}
