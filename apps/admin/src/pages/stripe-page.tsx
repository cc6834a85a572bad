import { NavLink, Route, Routes } from "react-router";
import { NotFoundPage } from "./not-found-page.tsx";
import { StripeCatalogPage } from "./stripe-catalog-page.tsx";
import { StripeOverviewPage } from "./stripe-overview-page.tsx";
import { StripeReconciliationPage } from "./stripe-reconciliation-page.tsx";
import { StripeReportsPage } from "./stripe-reports-page.tsx";
import { StripeWebhooksPage } from "./stripe-webhooks-page.tsx";

const TABS = [
  { path: "", label: "Overview", page: <StripeOverviewPage /> },
  { path: "reports", label: "Reports", page: <StripeReportsPage /> },
  { path: "reconciliation", label: "Reconciliation", page: <StripeReconciliationPage /> },
  { path: "webhooks", label: "Webhooks", page: <StripeWebhooksPage /> },
  { path: "catalog", label: "Catalog", page: <StripeCatalogPage /> },
] as const;

/** Everything between us and Stripe: what it was told, whether the numbers agree, what it sent, what it holds. */
export function StripePage() {
  return (
    <>
      <title>Stripe · Meterline staff</title>
      <div>
        <h1 className="ml-page-title">Stripe</h1>
        <p className="ml-page-note">What it was told, whether its numbers are ours, and what it sent. Times in UTC.</p>
      </div>
      <nav className="ml-tabs" aria-label="Stripe">
        {TABS.map(({ path, label }) => (
          <NavLink key={path} className="ml-tab" to={`/stripe${path === "" ? "" : `/${path}`}`} end={path === ""}>
            {label}
          </NavLink>
        ))}
      </nav>
      <Routes>
        {TABS.map(({ path, page }) => (
          <Route key={path} {...(path === "" ? { index: true } : { path })} element={page} />
        ))}
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </>
  );
}
