import { AlertsView } from "@meterline/web-kit";

/** What the customer was warned of, and how. */
export function AlertsPage({ customerId }: { customerId: string }) {
  return (
    <>
      <title>Alerts · Meterline</title>
      <div>
        <h1 className="ml-page-title">Alerts</h1>
        <p className="ml-page-note">What you were warned of, and how you were told.</p>
      </div>
      <AlertsView customerId={customerId} />
    </>
  );
}
