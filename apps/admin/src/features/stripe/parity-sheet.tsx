import { useMutation } from "@apollo/client/react";
import { ConfirmButton, EmptyState, Quantity } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";

const PARITY_SHEET_ROW = graphql(`
  fragment ParitySheet_Row on ParityRow {
    meterKey
    periodStart
    ours
    toldByEvents
    toldByRecords
    countedByEvents
    countedByRecords
    isEqual
    fault
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

/** The move from usage records to meters: both beside each other until they agree, then the cut-over. */
export function ParitySheet(props: {
  customerId: string;
  rows: readonly FragmentType<typeof PARITY_SHEET_ROW>[];
  onChanged: () => void;
}) {
  const rows = readFragment(PARITY_SHEET_ROW, props.rows);
  return (
    <section className="ml-panel" aria-labelledby="parity-title">
      <div className="ml-panel-head">
        <h2 id="parity-title" className="ml-panel-title">
          Usage records and meters
        </h2>
        <span className="ml-confirm">
          {STEPS.map((step) => (
            <Step key={step.label} step={step} customerId={props.customerId} onChanged={props.onChanged} />
          ))}
        </span>
      </div>
      {rows.length === 0 ? (
        <EmptyState title="No move under way">
          A customer billed by usage records is told both ways first; here both are compared until they agree.
        </EmptyState>
      ) : (
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
      )}
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
