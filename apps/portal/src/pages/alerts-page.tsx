import { AlertsView } from "@meterline/web-kit";
import { NavLink, Route, Routes } from "react-router";
import { AlertRulesPage } from "./alert-rules-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { WebhooksPage } from "./webhooks-page.tsx";

/** What the customer was warned of and how, what it is warned of, and where its systems are told. */
export function AlertsPage({ customerId }: { customerId: string }) {
  return (
    <>
      <title>Alerts · Meterline</title>
      <div>
        <h1 className="ml-page-title">Alerts</h1>
        <p className="ml-page-note">What you were warned of and how you were told; and what you are warned of.</p>
      </div>
      <nav className="ml-tabs" aria-label="Alerts">
        <NavLink className="ml-tab" to="/alerts" end>
          History
        </NavLink>
        <NavLink className="ml-tab" to="/alerts/rules">
          Rules
        </NavLink>
        <NavLink className="ml-tab" to="/alerts/webhooks">
          Webhooks
        </NavLink>
      </nav>
      <Routes>
        <Route index element={<AlertsView customerId={customerId} />} />
        <Route path="rules" element={<AlertRulesPage customerId={customerId} />} />
        <Route path="webhooks" element={<WebhooksPage customerId={customerId} />} />
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </>
  );
}
