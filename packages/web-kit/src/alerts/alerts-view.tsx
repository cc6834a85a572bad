import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { graphql } from "../gql/gql.ts";
import { ErrorState } from "../states/error-state.tsx";
import { PageSkeleton } from "../states/skeletons.tsx";
import { AlertFilter, alertKindOf } from "./alert-filter.tsx";
import { AlertHistory, ALERTS_PAGE_SIZE } from "./alert-history.tsx";
import { useOpenAlerts } from "./use-open-alerts.ts";

const ALERTS_VIEW_QUERY = graphql(`
  query AlertsViewQuery($customerId: ID!, $kind: AlertKind, $first: Int!, $after: String) {
    alerts(customerId: $customerId, kind: $kind, first: $first, after: $after) {
      ...AlertHistory_Connection
    }
  }
`);

/** While a delivery is under way its record is read again this often; a mail or webhook is soon answered. */
const FRESH_MS = 10_000;

/** A customer's alerts with their delivery records, in both apps. A new alert appears by itself. */
export function AlertsView({ customerId }: { customerId: string }) {
  const [params] = useSearchParams();
  const kind = alertKindOf(params);
  const { arrived } = useOpenAlerts(customerId);
  const { data, error, refetch, fetchMore, networkStatus } = useQuery(ALERTS_VIEW_QUERY, {
    variables: { customerId, kind, first: ALERTS_PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
    pollInterval: FRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  useEffect(() => {
    if (arrived > 0) refetch().catch(() => undefined);
  }, [arrived, refetch]);
  return (
    <section className="ml-panel" aria-labelledby="alerts-title">
      <div className="ml-panel-head ml-usage-head">
        <h2 id="alerts-title" className="ml-panel-title">
          History
        </h2>
        <AlertFilter />
      </div>
      {data !== undefined ? (
        <AlertHistory
          connection={data.alerts}
          filtered={kind !== null}
          loadingMore={networkStatus === NetworkStatus.fetchMore}
          onLoadMore={(after) => void fetchMore({ variables: { after } }).catch(() => undefined)}
        />
      ) : error !== undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <PageSkeleton heights={[110, 110, 110]} label="Loading alerts" />
      )}
    </section>
  );
}
