import { EmptyState, Instant } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { ReportingOverview_StatusFragment } from "../../gql/graphql.ts";
import { StateTag } from "./state-tag.tsx";
import { ALARMS, DEADLINES, durationWords, REPORT_STATES } from "./stripe-words.ts";

const REPORTING_OVERVIEW_STATUS = graphql(`
  fragment ReportingOverview_Status on ReportingStatus {
    isConfigured
    alarm
    lagSeconds
    oldestDueAt
    readsLeft
    untoldLines
    counts {
      state
      count
    }
    deadlines {
      kind
      at
      hoursLeft
      alarm
    }
  }
`);

/** How far Stripe is behind us, what waits, and which deadline comes first. */
export function ReportingOverview(props: { status: FragmentType<typeof REPORTING_OVERVIEW_STATUS> }) {
  const status = readFragment(REPORTING_OVERVIEW_STATUS, props.status);
  if (!status.isConfigured) {
    return (
      <section className="ml-panel">
        <EmptyState title="Stripe is not connected">
          Nothing is told to Stripe. Set STRIPE_API_KEY and restart, or leave it out of npm start to run with the local
          sandbox.
        </EmptyState>
      </section>
    );
  }
  return (
    <>
      <section className="ml-panel" aria-labelledby="reporting-title">
        <div className="ml-panel-head">
          <h2 id="reporting-title" className="ml-panel-title">
            What Stripe was told
          </h2>
          <StateTag words={ALARMS[status.alarm]} />
        </div>
        <dl className="ad-figures">
          <Figure name="Lag" value={durationWords(status.lagSeconds)}>
            {status.oldestDueAt === null ? (
              "everything due is sent"
            ) : (
              <>
                due since <Instant at={status.oldestDueAt} zone />
              </>
            )}
          </Figure>
          <Figure name="Backlog" value={backlogOf(status.counts).toLocaleString()}>
            reports that are not settled
          </Figure>
          <Figure name="Cannot be told" value={status.untoldLines.toLocaleString()}>
            customers' meters of which something is too old or too large
          </Figure>
          <Figure name="Reads left" value={status.readsLeft === null ? "–" : status.readsLeft.toLocaleString()}>
            of Stripe's allowance for 30 days
          </Figure>
        </dl>
      </section>
      <div className="ad-two">
        <Backlog counts={status.counts} />
        <Deadlines deadlines={status.deadlines} />
      </div>
    </>
  );
}

const SETTLED = new Set(["CONFIRMED", "NOT_COUNTED"]);

function backlogOf(counts: ReportingOverview_StatusFragment["counts"]): number {
  return counts.reduce((sum, one) => (SETTLED.has(one.state) ? sum : sum + one.count), 0);
}

function Figure({ name, value, children }: { name: string; value: string; children: React.ReactNode }) {
  return (
    <div className="ad-figure">
      <dt>{name}</dt>
      <dd>
        <strong className="ml-figure">{value}</strong>
        <span className="ad-figure-note">{children}</span>
      </dd>
    </div>
  );
}

function Backlog({ counts }: { counts: ReportingOverview_StatusFragment["counts"] }) {
  return (
    <section className="ml-panel" aria-labelledby="backlog-title">
      <div className="ml-panel-head">
        <h2 id="backlog-title" className="ml-panel-title">
          Reports by state
        </h2>
      </div>
      {counts.length === 0 ? (
        <EmptyState title="Nothing waits">Every report that was planned is settled.</EmptyState>
      ) : (
        <table className="ml-table">
          <caption className="ml-hidden">Reports by state</caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Meaning</th>
              <th scope="col" className="ml-right">
                Reports
              </th>
            </tr>
          </thead>
          <tbody>
            {counts.map(({ state, count }) => (
              <tr key={state}>
                <th scope="row">
                  <StateTag words={REPORT_STATES[state]} />
                </th>
                <td className="ad-wrap">{REPORT_STATES[state].meaning}</td>
                <td className="ml-right ml-figure">{count.toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Deadlines({ deadlines }: { deadlines: ReportingOverview_StatusFragment["deadlines"] }) {
  return (
    <section className="ml-panel" aria-labelledby="deadlines-title">
      <div className="ml-panel-head">
        <h2 id="deadlines-title" className="ml-panel-title">
          Deadlines
        </h2>
        <p className="ml-panel-note">The nearest of each kind</p>
      </div>
      {deadlines.length === 0 ? (
        <EmptyState title="No deadline is running">It begins with a report that is not settled.</EmptyState>
      ) : (
        <ul className="ad-deadlines">
          {deadlines.map((deadline) => (
            <li key={deadline.kind}>
              <StateTag words={ALARMS[deadline.alarm]} />
              <span>
                {DEADLINES[deadline.kind] ?? deadline.kind}: <Instant at={deadline.at} zone />
              </span>
              <strong className="ml-figure">
                {deadline.hoursLeft < 0 ? `${-deadline.hoursLeft} h ago` : `${deadline.hoursLeft} h left`}
              </strong>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
