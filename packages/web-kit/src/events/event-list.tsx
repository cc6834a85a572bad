import { useState } from "react";
import { useSearchParams } from "react-router";
import { useBillingLocale } from "../formats/figures.tsx";
import { zoneWords } from "../formats/instant.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { LoadMore } from "../states/load-more.tsx";
import { EventFilters } from "./event-filters.tsx";
import { EventTable, type MeterName } from "./event-table.tsx";
import { eventsFilterOf, eventsParams } from "./events-href.ts";

const EVENT_LIST_CONNECTION = graphql(`
  fragment EventList_Connection on UsageEventConnection {
    nodes {
      id
      ...EventTable_Event
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

/** Events a page: enough to read, few enough to draw at once. */
export const EVENTS_PAGE_SIZE = 50;

/** Past this many rows a filter helps more than another page. */
const MAX_ROWS = 1_000;

/** The filters, the events that pass them, and the way to more. `connection` is undefined while the first page loads. */
export function EventList(props: {
  connection: FragmentType<typeof EVENT_LIST_CONNECTION>;
  meters: readonly MeterName[];
  loadingMore: boolean;
  onLoadMore: (after: string) => void;
}) {
  const { nodes, pageInfo } = readFragment(EVENT_LIST_CONNECTION, props.connection);
  const { timeZone } = useBillingLocale();
  const [params] = useSearchParams();
  const [openedAt] = useState(() => new Date().toISOString());
  const filtered = Object.values(eventsFilterOf(params)).some((part) => part !== null);
  if (nodes.length === 0) {
    return filtered ? (
      <EmptyState title="No event passes these filters">
        Widen the days, choose another meter, or clear the filters.
      </EmptyState>
    ) : (
      <EmptyState title="No events yet">Each recorded usage event appears here within moments.</EmptyState>
    );
  }
  return (
    <>
      <p className="ml-events-zone">Times in {zoneWords(openedAt, timeZone)}</p>
      <EventTable events={nodes} meters={props.meters} />
      <LoadMore
        shown={nodes.length}
        nouns={["event", "events"]}
        maximum={MAX_ROWS}
        after={pageInfo.hasNextPage ? pageInfo.endCursor : null}
        loading={props.loadingMore}
        onLoadMore={props.onLoadMore}
      />
    </>
  );
}

/** The filters of the events page, kept in its address so that a list can be sent to a colleague. */
export function EventListFilters({ meters }: { meters: readonly MeterName[] }) {
  const [params, setParams] = useSearchParams();
  return (
    <EventFilters
      filter={eventsFilterOf(params)}
      meters={meters}
      onChange={(filter) => setParams(eventsParams(filter), { replace: true })}
    />
  );
}
