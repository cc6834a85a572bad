import { EmptyState, Instant, LoadMore, Quantity } from "@meterline/web-kit";
import { Link } from "react-router";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { AttentionReport_ReportFragment } from "../../gql/graphql.ts";
import { DecideReport } from "./decide-report.tsx";
import { ReplayReport } from "./replay-report.tsx";
import { StateTag } from "./state-tag.tsx";
import { ALARMS, DEADLINES, REPORT_STATES } from "./stripe-words.ts";

const ATTENTION_REPORT = graphql(`
  fragment AttentionReport_Report on MeterReport {
    id
    customerId
    meterKey
    periodStart
    sequence
    channel
    transport
    state
    delta
    totalAfter
    eventAt
    attempts
    firstSentAt
    acceptedAt
    doubtfulSince
    nextAttemptAt
    failureCode
    failureMessage
    correctsSequence
    deadlines {
      kind
      at
      hoursLeft
      alarm
    }
  }
`);

const ATTENTION_REPORTS_CONNECTION = graphql(`
  fragment AttentionReports_Connection on MeterReportConnection {
    nodes {
      id
      ...AttentionReport_Report
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

/** Reports a page. */
export const REPORTS_PAGE_SIZE = 50;
const MAX_ROWS = 1_000;

/** Reports that need a person, or may: each with its whole life and what can be done about it. */
export function AttentionReports(props: {
  connection: FragmentType<typeof ATTENTION_REPORTS_CONNECTION>;
  loadingMore: boolean;
  onLoadMore: (after: string) => void;
  onChanged: () => void;
}) {
  const { nodes, pageInfo } = readFragment(ATTENTION_REPORTS_CONNECTION, props.connection);
  const reports = readFragment(ATTENTION_REPORT, nodes);
  if (reports.length === 0) {
    return (
      <EmptyState title="Nothing needs you">
        Reports that Stripe refuses, or of which nobody knows whether they were counted, stand here until they are
        settled.
      </EmptyState>
    );
  }
  return (
    <>
      <ul className="ad-rows">
        {reports.map((report) => (
          <ReportRow key={report.id} report={report} onChanged={props.onChanged} />
        ))}
      </ul>
      <LoadMore
        shown={reports.length}
        nouns={["report", "reports"]}
        maximum={MAX_ROWS}
        after={pageInfo.hasNextPage ? pageInfo.endCursor : null}
        loading={props.loadingMore}
        onLoadMore={props.onLoadMore}
      />
    </>
  );
}

function ReportRow({ report, onChanged }: { report: AttentionReport_ReportFragment; onChanged: () => void }) {
  const words = REPORT_STATES[report.state];
  const nearest = report.deadlines[0];
  return (
    <li className="ad-row">
      <div className="ad-row-head">
        <StateTag words={words} />
        <h3>
          <Quantity value={report.delta} /> of {report.meterKey}
        </h3>
        <Link className="ml-link" to={`/customers/${report.customerId}/stripe`}>
          Customer
        </Link>
        <span className="ad-row-end">
          {report.state === "DEAD" ? <ReplayReport report={report} onReplayed={onChanged} /> : null}
          {report.state === "UNCERTAIN" ? <DecideReport report={report} onDecided={onChanged} /> : null}
        </span>
      </div>
      <p className="ad-row-words">
        {report.failureMessage ?? `It ${words.meaning}.`}
        {report.failureCode === null ? null : <span className="ml-mono"> {report.failureCode}</span>}
      </p>
      <p className="ad-row-facts">
        <span>
          No. {report.sequence} of the period from <Instant at={report.periodStart} detail="day" />
        </span>
        <span>
          at <Instant at={report.eventAt} zone />, total then <Quantity value={report.totalAfter} />
        </span>
        <span>
          {report.attempts} {report.attempts === 1 ? "attempt" : "attempts"} by {report.transport}
          {report.firstSentAt === null ? null : (
            <>
              , first <Instant at={report.firstSentAt} />
            </>
          )}
        </span>
        {report.nextAttemptAt === null ? null : (
          <span>
            next at <Instant at={report.nextAttemptAt} />
          </span>
        )}
        {report.correctsSequence === null ? null : <span>corrects no. {report.correctsSequence}</span>}
        <span className="ml-mono">{report.id}</span>
        {nearest === undefined ? null : (
          <span>
            {DEADLINES[nearest.kind] ?? nearest.kind}: <Instant at={nearest.at} />{" "}
            {nearest.alarm === "NONE" ? null : <StateTag words={ALARMS[nearest.alarm]} />}
          </span>
        )}
      </p>
    </li>
  );
}
