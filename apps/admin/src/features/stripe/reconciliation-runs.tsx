import { useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { EmptyState, Instant, problemOf } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { ReconciliationRuns_RunFragment } from "../../gql/graphql.ts";

const RECONCILIATION_RUNS_RUN = graphql(`
  fragment ReconciliationRuns_Run on ReconciliationRun {
    id
    kind
    state
    customerId
    startedAt
    startedBy
    repair
    customersChecked
    customersFailed
    numbersChecked
    found
    repaired
    tickets
    unread
    reads
    note
  }
`);

const START = graphql(`
  mutation StartReconciliationMutation {
    startReconciliation {
      id
      state
    }
  }
`);

/** Starts a run over every customer. While one is under way there is nothing to start. */
export function StartRun({ isRunning, onStarted }: { isRunning: boolean; onStarted: () => void }) {
  const [start, { loading, error }] = useMutation(START);
  return (
    <span className="ml-confirm">
      {error === undefined ? null : <span role="alert">{problemOf(error).message}</span>}
      <Button
        size="compact-sm"
        loading={loading}
        disabled={isRunning}
        onClick={() => void start().then(onStarted, () => undefined)}
      >
        {isRunning ? "A run is under way" : "Compare everything now"}
      </Button>
    </span>
  );
}

/** Which runs there were, and what each found. */
export function ReconciliationRuns(props: { runs: readonly FragmentType<typeof RECONCILIATION_RUNS_RUN>[] }) {
  const runs = readFragment(RECONCILIATION_RUNS_RUN, props.runs);
  if (runs.length === 0) {
    return <EmptyState title="No run yet">The first comes by itself, or when you start one.</EmptyState>;
  }
  return (
    <section className="ml-scroll" tabIndex={0} aria-label="Reconciliation runs">
      <table className="ml-table">
        <caption className="ml-hidden">Reconciliation runs, latest first</caption>
        <thead>
          <tr>
            <th scope="col">Started, UTC</th>
            <th scope="col">State</th>
            <th scope="col" className="ml-right">
              Customers
            </th>
            <th scope="col" className="ml-right">
              Numbers
            </th>
            <th scope="col" className="ml-right">
              Found
            </th>
            <th scope="col" className="ml-right">
              Repaired
            </th>
            <th scope="col" className="ml-right">
              Tickets
            </th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const RUN_STATES: Readonly<Record<string, { word: string; tone?: string }>> = {
  RUNNING: { word: "Under way", tone: "accent" },
  DONE: { word: "Done" },
  FAILED: { word: "Failed", tone: "bad" },
};

function RunRow({ run }: { run: ReconciliationRuns_RunFragment }) {
  const state = RUN_STATES[run.state] ?? { word: run.state };
  const notes = [
    run.customersFailed === 0 ? null : `${run.customersFailed} customers could not be looked at`,
    run.unread === 0 ? null : `Stripe was not asked of ${run.unread} periods, to keep within its read allowance`,
    run.reads === 0 ? null : `${run.reads.toLocaleString()} ${run.reads === 1 ? "read" : "reads"} of Stripe`,
    run.note,
  ].filter((note) => note !== null);
  return (
    <tr>
      <th scope="row">
        <Instant at={run.startedAt} /> {run.kind === "SCHEDULED" ? "" : "by hand"}
      </th>
      <td>
        <span className="ml-tag" data-tone={state.tone}>
          {state.word}
        </span>
      </td>
      <td className="ml-right ml-figure">{run.customersChecked.toLocaleString()}</td>
      <td className="ml-right ml-figure">{run.numbersChecked.toLocaleString()}</td>
      <td className="ml-right ml-figure">{run.found.toLocaleString()}</td>
      <td className="ml-right ml-figure">{run.repaired.toLocaleString()}</td>
      <td className="ml-right ml-figure">{run.tickets.toLocaleString()}</td>
      <td className="ad-wrap">{notes.join("; ")}</td>
    </tr>
  );
}
