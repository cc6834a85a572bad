import { useLazyQuery, useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { ConfirmButton, EmptyState, problemOf, Quantity } from "@meterline/web-kit";
import { graphql } from "../../gql/gql.ts";
import type { ParitySheetQueryQuery } from "../../gql/graphql.ts";

const PARITY_SHEET_QUERY = graphql(`
  query ParitySheetQuery($customerId: ID!) {
    reportParity(customerId: $customerId) {
      meterKey
      periodStart
      ours
      countedByEvents
      countedByRecords
      isEqual
      fault
    }
  }
`);

const SHADOW = graphql(`
  mutation ShadowChannelMutation($customerId: ID!) {
    shadowReportChannel(customerId: $customerId) {
      customerId
    }
  }
`);
const CUT_OVER = graphql(`
  mutation CutOverChannelMutation($customerId: ID!) {
    cutOverReportChannel(customerId: $customerId) {
      customerId
    }
  }
`);
const ROLL_BACK = graphql(`
  mutation RollBackChannelMutation($customerId: ID!) {
    rollBackReportChannel(customerId: $customerId) {
      customerId
    }
  }
`);

const STEPS = [
  { mutation: SHADOW, label: "Tell both", confirmLabel: "Tell both from now on" },
  { mutation: CUT_OVER, label: "Cut over", confirmLabel: "Meters only from the next period" },
  { mutation: ROLL_BACK, label: "Roll back", confirmLabel: "As before from the next period" },
] as const;

/** The move from usage records to meters: both beside each other until they agree, then the cut-over. Asked for by hand, because each look reads from Stripe. */
export function ParitySheet({ customerId }: { customerId: string }) {
  const [compare, { data, loading, error }] = useLazyQuery(PARITY_SHEET_QUERY, { fetchPolicy: "network-only" });
  const again = () => void compare({ variables: { customerId } });
  return (
    <section className="ml-panel" aria-labelledby="parity-title">
      <div className="ml-panel-head">
        <h2 id="parity-title" className="ml-panel-title">
          Usage records and meters
        </h2>
        <span className="ml-confirm">
          {error === undefined ? null : <span role="alert">{problemOf(error).message}</span>}
          <Button size="compact-sm" variant="default" loading={loading} onClick={again}>
            Compare both now
          </Button>
          {STEPS.map((step) => (
            <Step key={step.label} step={step} customerId={customerId} onChanged={again} />
          ))}
        </span>
      </div>
      {data === undefined || data.reportParity.length === 0 ? (
        <EmptyState title="For customers billed by usage records">
          Tell both ways first, compare until every meter is equal, then cut over at the edge of a billing period. The
          prices at Stripe move by themselves there; until ten minutes before, rolling back takes a cut-over back.
        </EmptyState>
      ) : (
        <ParityTable rows={data.reportParity} />
      )}
    </section>
  );
}

function ParityTable({ rows }: { rows: ParitySheetQueryQuery["reportParity"] }) {
  return (
    <section className="ml-scroll" tabIndex={0} aria-label="Parity">
      <table className="ml-table">
        <caption className="ml-hidden">Meters told both ways</caption>
        <thead>
          <tr>
            <th scope="col">Meter</th>
            <th scope="col" className="ml-right">
              Ours
            </th>
            <th scope="col" className="ml-right">
              Counted by meters
            </th>
            <th scope="col" className="ml-right">
              Counted by records
            </th>
            <th scope="col">Parity</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.meterKey} ${row.periodStart}`}>
              <th scope="row">{row.meterKey}</th>
              <td className="ml-right">
                <Quantity value={row.ours} />
              </td>
              <Counted value={row.countedByEvents} />
              <Counted value={row.countedByRecords} />
              <td className="ad-wrap">
                <span className="ml-tag" data-tone={row.isEqual ? "accent" : "warn"}>
                  {row.isEqual ? "Equal" : "Not equal yet"}
                </span>{" "}
                {row.fault}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Counted({ value }: { value: string | null }) {
  return <td className="ml-right">{value === null ? "–" : <Quantity value={value} />}</td>;
}

function Step(props: { step: (typeof STEPS)[number]; customerId: string; onChanged: () => void }) {
  const { mutation, ...words } = props.step;
  const [run, { loading, error }] = useMutation<unknown, { customerId: string }>(mutation);
  const confirm = () => run({ variables: { customerId: props.customerId } }).then(props.onChanged);
  return <ConfirmButton {...words} loading={loading} error={error} onConfirm={confirm} />;
}
