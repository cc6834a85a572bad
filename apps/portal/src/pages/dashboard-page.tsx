import { useQuery } from "@apollo/client/react";
import {
  CONSUMPTION_HEIGHTS,
  ConsumptionView,
  ErrorState,
  PageSkeleton,
  StaleNotice,
  useLiveConsumption,
  useLiveState,
} from "@meterline/web-kit";
import { useSearchParams } from "react-router";
import { graphql } from "../gql/gql.ts";

const DASHBOARD_PAGE_QUERY = graphql(`
  query DashboardPageQuery($customerId: ID!, $at: DateTime) {
    consumption(customerId: $customerId, at: $at) {
      ...ConsumptionView_Consumption
    }
  }
`);

/** How often an open page asks again while nothing is pushed to it. Hidden pages do not ask. */
const REFRESH_MS = 30_000;

/** A billing period of the member's customer: the current one, or the one at `?at=`. */
export function DashboardPage({ customerId }: { customerId: string }) {
  const [params] = useSearchParams();
  const at = params.get("at");
  const isLive = useLiveState() === "LIVE";
  useLiveConsumption(customerId, { skip: at !== null });
  const { data, previousData, error, refetch } = useQuery(DASHBOARD_PAGE_QUERY, {
    variables: { customerId, at },
    fetchPolicy: "cache-and-network",
    pollInterval: isLive && at === null ? 0 : REFRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  const shown = data ?? (error === undefined ? previousData : undefined);
  return (
    <>
      <title>Usage and bill · Meterline</title>
      <h1 className="ml-page-title">Usage and bill</h1>
      {error !== undefined && shown !== undefined ? <StaleNotice error={error} onRetry={() => void refetch()} /> : null}
      {shown === undefined ? (
        error === undefined ? (
          <PageSkeleton heights={CONSUMPTION_HEIGHTS} label="Loading usage and bill" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <ConsumptionView consumption={shown.consumption} path="/" eventsPath="/events" />
      )}
    </>
  );
}
