import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import {
  ErrorState,
  EventList,
  EventListFilters,
  EVENTS_PAGE_SIZE,
  eventsFilterOf,
  PageSkeleton,
} from "@meterline/web-kit";
import { useSearchParams } from "react-router";
import { graphql } from "../gql/gql.ts";

const EVENTS_PAGE_QUERY = graphql(`
  query EventsPageQuery(
    $customerId: ID!
    $meterKey: String
    $from: DateTime
    $to: DateTime
    $idempotencyKey: String
    $first: Int!
    $after: String
  ) {
    meters {
      id
      key
      name
      unit
    }
    usageEvents(
      customerId: $customerId
      meterKey: $meterKey
      from: $from
      to: $to
      idempotencyKey: $idempotencyKey
      first: $first
      after: $after
    ) {
      ...EventList_Connection
    }
  }
`);

const HEIGHTS = [560] as const;

/** The customer's usage events, newest first, narrowed by the filter in the address. */
export function EventsPage({ customerId }: { customerId: string }) {
  const [params] = useSearchParams();
  const { data, previousData, error, refetch, fetchMore, networkStatus } = useQuery(EVENTS_PAGE_QUERY, {
    variables: { customerId, ...eventsFilterOf(params), first: EVENTS_PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
  });
  const meters = (data ?? previousData)?.meters ?? [];
  const loadMore = (after: string) => void fetchMore({ variables: { after } }).catch(() => undefined);
  return (
    <>
      <title>Events · Meterline</title>
      <div>
        <h1 className="ml-page-title">Usage events</h1>
        <p className="ml-page-note">
          Every recorded event, newest first. Events are never edited; a correction is a new one.
        </p>
      </div>
      <section className="ml-panel" aria-label="Events">
        <EventListFilters meters={meters} />
        {data !== undefined ? (
          <EventList
            connection={data.usageEvents}
            meters={meters}
            loadingMore={networkStatus === NetworkStatus.fetchMore}
            onLoadMore={loadMore}
          />
        ) : error !== undefined ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <PageSkeleton heights={HEIGHTS} label="Loading events" />
        )}
      </section>
    </>
  );
}
