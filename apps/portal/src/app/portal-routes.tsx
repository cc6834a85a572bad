import {
  AlertBanner,
  AppFrame,
  BillingLocaleProvider,
  EmptyState,
  type NavEntry,
  useSession,
} from "@meterline/web-kit";
import { lazy } from "react";
import { Route, Routes } from "react-router";
import { DashboardPage } from "../pages/dashboard-page.tsx";
import { NotFoundPage } from "../pages/not-found-page.tsx";

const EventsPage = lazy(async () => ({ default: (await import("../pages/events-page.tsx")).EventsPage }));
const LimitsPage = lazy(async () => ({ default: (await import("../pages/limits-page.tsx")).LimitsPage }));
const AlertsPage = lazy(async () => ({ default: (await import("../pages/alerts-page.tsx")).AlertsPage }));

const StatementsPage = lazy(async () => ({
  default: (await import("../pages/statements-page.tsx")).StatementsPage,
}));

const ENTRIES: readonly NavEntry[] = [
  { to: "/", label: "Usage and bill", exact: true },
  { to: "/statements", label: "Statements" },
  { to: "/limits", label: "Limits" },
  { to: "/alerts", label: "Alerts" },
  { to: "/events", label: "Events" },
];

/** Every page of the portal, for a member of one customer. */
export function PortalRoutes() {
  const { viewer } = useSession();
  const { customer } = viewer;
  if (customer === null) {
    return (
      <AppFrame entries={[]} context="">
        <EmptyState title="No customer yet">
          Your sign-in does not belong to a customer. Ask whoever invited you to connect it.
        </EmptyState>
      </AppFrame>
    );
  }
  return (
    <BillingLocaleProvider value={customer}>
      <AppFrame
        entries={ENTRIES}
        context={customer.name}
        notice={<AlertBanner customerId={customer.id} alertsPath="/alerts" />}
      >
        <Routes>
          <Route index element={<DashboardPage customerId={customer.id} />} />
          <Route path="statements/*" element={<StatementsPage customerId={customer.id} name={customer.name} />} />
          <Route path="limits" element={<LimitsPage customerId={customer.id} />} />
          <Route path="alerts/*" element={<AlertsPage customerId={customer.id} />} />
          <Route path="events" element={<EventsPage customerId={customer.id} />} />
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </AppFrame>
    </BillingLocaleProvider>
  );
}
