import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { Checkbox } from "@mantine/core";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { useSearchParams } from "react-router";
import { DISCREPANCIES_PAGE_SIZE, DiscrepancyList } from "../features/stripe/discrepancy-list.tsx";
import { ReconciliationRuns, StartRun } from "../features/stripe/reconciliation-runs.tsx";
import { graphql } from "../gql/gql.ts";

const STRIPE_RECONCILIATION_PAGE_QUERY = graphql(`
  query StripeReconciliationPageQuery($unsettled: Boolean!, $first: Int!, $after: String) {
    discrepancies(unsettled: $unsettled, first: $first, after: $after) {
      ...DiscrepancyList_Connection
    }
    reconciliationRuns {
      id
      state
      startedAt
      ...ReconciliationRuns_Run
    }
  }
`);

/** A run under way moves on by itself on screen. */
const REFRESH_MS = 3_000;
const HEIGHTS = [320, 280] as const;

/** Where two numbers of one thing are not the same, and the runs that look for it. */
export function StripeReconciliationPage() {
  const [params, setParams] = useSearchParams();
  const unsettled = params.get("all") === null;
  const { data, error, refetch, fetchMore, networkStatus } = useQuery(STRIPE_RECONCILIATION_PAGE_QUERY, {
    variables: { unsettled, first: DISCREPANCIES_PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
    pollInterval: REFRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  const again = () => void refetch().catch(() => undefined);
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={HEIGHTS} label="Loading discrepancies" />
    ) : (
      <ErrorState error={error} onRetry={again} />
    );
  }
  const [latest] = data.reconciliationRuns;
  return (
    <>
      <section className="ml-panel" aria-labelledby="discrepancies-title">
        <div className="ml-panel-head">
          <h2 id="discrepancies-title" className="ml-panel-title">
            Discrepancies
          </h2>
          <Checkbox
            label="Show settled ones too"
            checked={!unsettled}
            onChange={(event) => setParams(event.currentTarget.checked ? { all: "" } : {})}
          />
        </div>
        <DiscrepancyList
          connection={data.discrepancies}
          wasCompared={latest !== undefined}
          loadingMore={networkStatus === NetworkStatus.fetchMore}
          onLoadMore={(after) => void fetchMore({ variables: { after } }).catch(() => undefined)}
          onChanged={again}
        />
      </section>
      <section className="ml-panel" aria-labelledby="runs-title">
        <div className="ml-panel-head">
          <h2 id="runs-title" className="ml-panel-title">
            Runs
          </h2>
          <StartRun isRunning={latest?.state === "RUNNING"} onStarted={again} />
        </div>
        <ReconciliationRuns runs={data.reconciliationRuns} />
      </section>
    </>
  );
}
