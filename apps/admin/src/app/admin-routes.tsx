import "./admin.css";
import { AppFrame, type NavEntry } from "@meterline/web-kit";
import { lazy } from "react";
import { Navigate, Route, Routes } from "react-router";
import { CustomersPage } from "../pages/customers-page.tsx";
import { NotFoundPage } from "../pages/not-found-page.tsx";

const CustomerPage = lazy(async () => ({ default: (await import("../pages/customer-page.tsx")).CustomerPage }));
const MetersPage = lazy(async () => ({ default: (await import("../pages/meters-page.tsx")).MetersPage }));
const PlansPage = lazy(async () => ({ default: (await import("../pages/plans-page.tsx")).PlansPage }));
const StripePage = lazy(async () => ({ default: (await import("../pages/stripe-page.tsx")).StripePage }));
const ApiKeysPage = lazy(async () => ({ default: (await import("../pages/api-keys-page.tsx")).ApiKeysPage }));

const ENTRIES: readonly NavEntry[] = [
  { to: "/customers", label: "Customers" },
  { to: "/meters", label: "Meters" },
  { to: "/plans", label: "Plans" },
  { to: "/stripe", label: "Stripe" },
  { to: "/api-keys", label: "API keys" },
];

/** Every page of the admin app, for staff. */
export function AdminRoutes() {
  return (
    <AppFrame entries={ENTRIES} context="">
      <Routes>
        <Route index element={<Navigate to="/customers" replace />} />
        <Route path="customers" element={<CustomersPage />} />
        <Route path="customers/:customerId/*" element={<CustomerPage />} />
        <Route path="meters" element={<MetersPage />} />
        <Route path="plans" element={<PlansPage />} />
        <Route path="stripe/*" element={<StripePage />} />
        <Route path="api-keys" element={<ApiKeysPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </AppFrame>
  );
}
