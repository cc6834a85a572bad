import { Instant } from "../formats/figures.tsx";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { Copyable } from "../states/copyable.tsx";

const EVENT_DETAILS_EVENT = graphql(`
  fragment EventDetails_Event on UsageEvent {
    id
    idempotencyKey
    occurredAt
    receivedAt
    historical
    voidsEventId
    voidedByEventId
    reason
    properties
  }
`);

/** Everything known of one event, in the words of the glossary. */
export function EventDetails(props: { event: FragmentType<typeof EVENT_DETAILS_EVENT> }) {
  const event = readFragment(EVENT_DETAILS_EVENT, props.event);
  const properties = Object.entries(event.properties);
  return (
    <dl className="ml-facts">
      <dt>Event id</dt>
      <dd>
        <Copyable value={event.id} label="event id" />
      </dd>
      <dt>Idempotency key</dt>
      <dd>
        <Copyable value={event.idempotencyKey} label="idempotency key" />
      </dd>
      <dt>Occurred</dt>
      <dd>
        <Instant at={event.occurredAt} detail="exact" zone />
      </dd>
      <dt>Received</dt>
      <dd>
        <Instant at={event.receivedAt} detail="exact" zone />
      </dd>
      {event.voidsEventId === null ? null : (
        <>
          <dt>Takes back</dt>
          <dd>
            <Copyable value={event.voidsEventId} label="id of the event it takes back" />
          </dd>
        </>
      )}
      {event.voidedByEventId === null ? null : (
        <>
          <dt>Taken back by</dt>
          <dd>
            <Copyable value={event.voidedByEventId} label="id of the event that takes it back" />
          </dd>
        </>
      )}
      {event.reason === null ? null : (
        <>
          <dt>Reason</dt>
          <dd>{event.reason}</dd>
        </>
      )}
      {event.historical ? (
        <>
          <dt>Historical</dt>
          <dd>It occurred before the customer's go-live, so it is on no Stripe invoice.</dd>
        </>
      ) : null}
      {properties.length === 0 ? null : (
        <>
          <dt>Properties</dt>
          <dd>
            <ul className="ml-properties">
              {properties.map(([name, value]) => (
                <li key={name}>
                  <span className="ml-mono">{name}</span> <span className="ml-mono">{JSON.stringify(value)}</span>
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}
