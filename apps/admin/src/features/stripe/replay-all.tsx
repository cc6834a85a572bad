import { useMutation } from "@apollo/client/react";
import { ConfirmButton } from "@meterline/web-kit";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";

const REPLAY_ALL = graphql(`
  mutation ReplayAllReportsMutation {
    replayAllMeterReports {
      replayed
      tooOld
    }
  }
`);

/** Tells every dead letter again, once what stopped them is mended. */
export function ReplayAll({ onReplayed }: { onReplayed: () => void }) {
  const [replay, { loading, error }] = useMutation(REPLAY_ALL);
  const [note, setNote] = useState("");
  const confirm = async () => {
    const { data } = await replay();
    const { replayed = 0, tooOld = 0 } = data?.replayAllMeterReports ?? {};
    setNote(`${replayed} told again${tooOld === 0 ? "" : `, ${tooOld} too old for Stripe`}`);
    onReplayed();
  };
  return (
    <span className="ml-confirm">
      <span role="status">{note}</span>
      <ConfirmButton
        label="Replay all dead letters"
        confirmLabel="Tell Stripe all of them again"
        loading={loading}
        error={error}
        onConfirm={confirm}
      />
    </span>
  );
}
