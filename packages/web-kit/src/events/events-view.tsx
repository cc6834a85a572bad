import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { useSearchParams } from "react-router";
import { graphql } from "../gql/gql.ts";
import { ErrorState } from "../states/error-state.tsx";
import { PageSkeleton } from "../states/skeletons.tsx";
import { EventList, EventListFilters, EVENTS_PAGE_SIZE } from "./event-list.tsx";
import { eventsFilterOf } from "./events-href.ts";

const EVENTS_VIEW_QUERY = graphql(`
  query EventsViewQuery(
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

/** The usage events of a customer, newest first, narrowed by the filter in the address; a page of both apps. */
export function EventsView({ customerId }: { customerId: string }) {
  const [params] = useSearchParams();
  const { data, previousData, error, refetch, fetchMore, networkStatus } = useQuery(EVENTS_VIEW_QUERY, {
    variables: { customerId, ...eventsFilterOf(params), first: EVENTS_PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
  });
  const meters = (data ?? previousData)?.meters ?? [];
  const loadMore = (after: string) => void fetchMore({ variables: { after } }).catch(() => undefined);
  return (
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
  );
}
