import { EventsView } from "@meterline/web-kit";

/** The customer's usage events. */
export function EventsPage({ customerId }: { customerId: string }) {
  return (
    <>
      <title>Events · Meterline</title>
      <div>
        <h1 className="ml-page-title">Usage events</h1>
        <p className="ml-page-note">
          Every recorded event, newest first. Events are never edited; a correction is a new one.
        </p>
      </div>
      <EventsView customerId={customerId} />
    </>
  );
}
