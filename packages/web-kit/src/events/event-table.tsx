import "./events.css";
import { Fragment, useState } from "react";
import { Instant, Quantity } from "../formats/figures.tsx";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { EventTable_EventFragment } from "../gql/graphql.ts";
import { EventDetails } from "./event-details.tsx";

const EVENT_TABLE_EVENT = graphql(`
  fragment EventTable_Event on UsageEvent {
    id
    kind
    meterKey
    quantity
    occurredAt
    idempotencyKey
    historical
    voidedByEventId
    ...EventDetails_Event
  }
`);

/** A meter's name and unit, to write beside the events of its key. */
export type MeterName = { readonly key: string; readonly name: string; readonly unit: string };

/** Events in the order the API gives them; each opens to all that is known of it. */
export function EventTable(props: {
  events: readonly FragmentType<typeof EVENT_TABLE_EVENT>[];
  meters: readonly MeterName[];
}) {
  const events = readFragment(EVENT_TABLE_EVENT, props.events);
  const [openId, setOpenId] = useState<string | null>(null);
  const meters = new Map(props.meters.map((meter) => [meter.key, meter]));
  return (
    <section className="ml-scroll" tabIndex={0} aria-label="Usage events">
      <table className="ml-table ml-events">
        <caption className="ml-hidden">Usage events</caption>
        <thead>
          <tr>
            <th scope="col">Occurred</th>
            <th scope="col" className="ml-wide-only">
              Meter
            </th>
            <th scope="col" className="ml-right">
              Quantity
            </th>
            <th scope="col" className="ml-wide-only">
              Idempotency key
            </th>
            <th scope="col">
              <span className="ml-hidden">Details</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event, index) => {
            const open = event.id === openId;
            const meter = meters.get(event.meterKey);
            return (
              <Fragment key={event.id}>
                <tr data-open={open} data-void={event.kind === "VOID" || event.voidedByEventId !== null}>
                  <td>
                    <Instant at={event.occurredAt} detail="second" />
                    <span className="ml-narrow-only ml-unit">
                      {meter?.name ?? event.meterKey} <EventTags event={event} />
                    </span>
                  </td>
                  <td className="ml-wide-only">
                    {meter?.name ?? event.meterKey} <EventTags event={event} />
                  </td>
                  <td className="ml-right">
                    <Quantity value={event.quantity} unit={meter?.unit} />
                  </td>
                  <td className="ml-wide-only">
                    <span className="ml-mono ml-event-key" title={event.idempotencyKey}>
                      {event.idempotencyKey}
                    </span>
                  </td>
                  <td className="ml-right">
                    <button
                      type="button"
                      className="ml-text-button"
                      aria-expanded={open}
                      aria-label={`${open ? "Hide" : "Show"} details of event ${index + 1}`}
                      onClick={() => setOpenId(open ? null : event.id)}
                    >
                      {open ? "Hide" : "Details"}
                    </button>
                  </td>
                </tr>
                {open ? (
                  <tr className="ml-event-open">
                    <td colSpan={5}>
                      <EventDetails event={event} />
                    </td>
                  </tr>
                ) : null}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function EventTags({ event }: { event: Pick<EventTable_EventFragment, "kind" | "voidedByEventId" | "historical"> }) {
  return (
    <>
      {event.kind === "VOID" ? (
        <span className="ml-tag" data-tone="warn">
          Takes back
        </span>
      ) : null}
      {event.voidedByEventId === null ? null : (
        <span className="ml-tag" data-tone="warn">
          Taken back
        </span>
      )}
      {event.historical ? <span className="ml-tag">Historical</span> : null}
    </>
  );
}
