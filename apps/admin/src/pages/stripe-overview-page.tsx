import { useQuery } from "@apollo/client/react";
import { EmptyState, ErrorState, PageSkeleton, StaleNotice } from "@meterline/web-kit";
import { Link } from "react-router";
import { ReconciliationRuns } from "../features/stripe/reconciliation-runs.tsx";
import { ReportingOverview } from "../features/stripe/reporting-overview.tsx";
import { graphql } from "../gql/gql.ts";

const STRIPE_OVERVIEW_PAGE_QUERY = graphql(`
  query StripeOverviewPageQuery {
    reportingStatus {
      ...ReportingOverview_Status
    }
    reconciliationRuns(first: 1) {
      id
      ...ReconciliationRuns_Run
    }
    discrepancies(first: 1) {
      nodes {
        id
      }
    }
  }
`);

/** How often an open page asks again; hidden pages do not. */
const REFRESH_MS = 5_000;
const HEIGHTS = [150, 320, 160] as const;

/** Whether Stripe has what we hold, at a glance. */
export function StripeOverviewPage() {
  const { data, error, refetch } = useQuery(STRIPE_OVERVIEW_PAGE_QUERY, {
    fetchPolicy: "cache-and-network",
    pollInterval: REFRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={HEIGHTS} label="Loading what Stripe was told" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      {error === undefined ? null : <StaleNotice error={error} onRetry={() => void refetch()} />}
      <ReportingOverview status={data.reportingStatus} />
      <section className="ml-panel" aria-labelledby="last-run-title">
        <div className="ml-panel-head">
          <h2 id="last-run-title" className="ml-panel-title">
            Last reconciliation
          </h2>
          <Link className="ml-link" to="/stripe/reconciliation">
            {agreement(data.discrepancies.nodes.length, data.reconciliationRuns.length)}
          </Link>
        </div>
        {data.reconciliationRuns.length === 0 ? (
          <EmptyState title="No run yet">The first comes by itself, or when you start one.</EmptyState>
        ) : (
          <ReconciliationRuns runs={data.reconciliationRuns} />
        )}
      </section>
    </>
  );
}

function agreement(open: number, runs: number): string {
  if (open > 0) return "Discrepancies are open";
  return runs === 0 ? "Nothing compared yet" : "Every number agrees";
}
