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

const CUSTOMER_BILL_PAGE_QUERY = graphql(`
  query CustomerBillPageQuery($customerId: ID!, $at: DateTime) {
    consumption(customerId: $customerId, at: $at) {
      ...ConsumptionView_Consumption
    }
  }
`);

/** How often an open page asks again while nothing is pushed to it, as in the portal. */
const REFRESH_MS = 30_000;

/** The very view that the customer has in the portal, for the current period or the one at `?at=`. */
export function CustomerBillPage({ customerId, path }: { customerId: string; path: string }) {
  const [params] = useSearchParams();
  const at = params.get("at");
  const isLive = useLiveState() === "LIVE";
  useLiveConsumption(customerId, { skip: at !== null });
  const { data, previousData, error, refetch } = useQuery(CUSTOMER_BILL_PAGE_QUERY, {
    variables: { customerId, at },
    fetchPolicy: "cache-and-network",
    pollInterval: isLive && at === null ? 0 : REFRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  const shown = data ?? (error === undefined ? previousData : undefined);
  if (shown === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={CONSUMPTION_HEIGHTS} label="Loading usage and bill" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      {error === undefined ? null : <StaleNotice error={error} onRetry={() => void refetch()} />}
      <ConsumptionView consumption={shown.consumption} path={path} eventsPath={`${path}/events`} />
    </>
  );
}
