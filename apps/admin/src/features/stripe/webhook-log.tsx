import { useMutation } from "@apollo/client/react";
import { ConfirmButton, EmptyState, Instant, LoadMore } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { WebhookLog_EventFragment } from "../../gql/graphql.ts";
import { StateTag } from "./state-tag.tsx";
import { WEBHOOK_STATES } from "./stripe-words.ts";

const WEBHOOK_LOG_EVENT = graphql(`
  fragment WebhookLog_Event on StripeWebhookEvent {
    id
    type
    family
    objectId
    state
    attempts
    deliveries
    caughtUp
    occurredAt
    receivedAt
    workedAt
    dueAt
    note
    lastError
  }
`);

const WEBHOOK_LOG_CONNECTION = graphql(`
  fragment WebhookLog_Connection on StripeWebhookEventConnection {
    nodes {
      id
      ...WebhookLog_Event
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

const RETRY_WEBHOOK = graphql(`
  mutation RetryWebhookMutation($id: ID!) {
    retryStripeWebhookEvent(id: $id) {
      id
      ...WebhookLog_Event
    }
  }
`);

/** Webhooks a page. */
export const WEBHOOKS_PAGE_SIZE = 50;
const MAX_ROWS = 1_000;

/** What Stripe sent, latest first, and what was made of it. */
export function WebhookLog(props: {
  connection: FragmentType<typeof WEBHOOK_LOG_CONNECTION>;
  filtered: boolean;
  loadingMore: boolean;
  onLoadMore: (after: string) => void;
}) {
  const { nodes, pageInfo } = readFragment(WEBHOOK_LOG_CONNECTION, props.connection);
  const events = readFragment(WEBHOOK_LOG_EVENT, nodes);
  if (events.length === 0) {
    return props.filtered ? (
      <EmptyState title="No webhook in this state">Choose another state to see the others.</EmptyState>
    ) : (
      <EmptyState title="No webhook yet">Stripe sends them to /stripe/webhooks of this address.</EmptyState>
    );
  }
  return (
    <>
      <ul className="ad-rows">
        {events.map((event) => (
          <WebhookRow key={event.id} event={event} />
        ))}
      </ul>
      <LoadMore
        shown={events.length}
        nouns={["webhook", "webhooks"]}
        maximum={MAX_ROWS}
        after={pageInfo.hasNextPage ? pageInfo.endCursor : null}
        loading={props.loadingMore}
        onLoadMore={props.onLoadMore}
      />
    </>
  );
}

function WebhookRow({ event }: { event: WebhookLog_EventFragment }) {
  const [retry, { loading, error }] = useMutation(RETRY_WEBHOOK, { variables: { id: event.id } });
  return (
    <li className="ad-row">
      <div className="ad-row-head">
        <StateTag words={WEBHOOK_STATES[event.state]} />
        <h3 className="ml-mono">{event.type}</h3>
        <Instant at={event.receivedAt} zone />
        <span className="ad-row-end">
          {event.state === "FAILED" ? (
            <ConfirmButton
              label="Try again"
              confirmLabel="Work it again"
              about={`${event.type} ${event.id}`}
              loading={loading}
              error={error}
              onConfirm={() => retry()}
            />
          ) : null}
        </span>
      </div>
      {event.lastError === null && event.note === null ? null : (
        <p className="ad-row-words">{event.lastError ?? event.note}</p>
      )}
      <p className="ad-row-facts">
        <span className="ml-mono">{event.id}</span>
        {event.objectId === null ? null : <span className="ml-mono">{event.objectId}</span>}
        <span>{event.family === "THIN" ? "thin" : "snapshot"}</span>
        <span>
          {event.attempts} {event.attempts === 1 ? "attempt" : "attempts"}
        </span>
        {event.caughtUp ? <span>caught up from Stripe</span> : null}
        {event.deliveries === 1 || (event.caughtUp && event.deliveries === 0) ? null : (
          <span>sent {event.deliveries} times</span>
        )}
        {event.dueAt === null ? null : (
          <span>
            worked next at <Instant at={event.dueAt} />
          </span>
        )}
      </p>
    </li>
  );
}
