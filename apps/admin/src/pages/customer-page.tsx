import { useQuery } from "@apollo/client/react";
import {
  AlertsView,
  BillingLocaleProvider,
  EmptyState,
  ErrorState,
  EventsView,
  PageSkeleton,
} from "@meterline/web-kit";
import { Link, NavLink, Route, Routes, useParams } from "react-router";
import { CustomerHead } from "../features/customers/customer-head.tsx";
import { graphql } from "../gql/gql.ts";
import { CustomerBillPage } from "./customer-bill-page.tsx";
import { CustomerLimitsPage } from "./customer-limits-page.tsx";
import { CustomerMembersPage } from "./customer-members-page.tsx";
import { CustomerStatementsPage } from "./customer-statements-page.tsx";
import { CustomerStripePage } from "./customer-stripe-page.tsx";
import { CustomerSubscriptionPage } from "./customer-subscription-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";

const CUSTOMER_PAGE_QUERY = graphql(`
  query CustomerPageQuery($id: ID!) {
    customer(id: $id) {
      id
      name
      currency
      timeZone
      ...CustomerHead_Customer
    }
  }
`);

/** One customer: its head, and below it the bill the customer sees, its events, its subscription, or its members. */
export function CustomerPage() {
  const { customerId = "" } = useParams();
  const { data, error, refetch } = useQuery(CUSTOMER_PAGE_QUERY, { variables: { id: customerId } });
  const path = `/customers/${customerId}`;
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[90, 42, 560]} label="Loading customer" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  const { customer } = data;
  if (customer === null) {
    return (
      <EmptyState
        title="No such customer"
        action={
          <Link className="ml-link" to="/customers">
            All customers
          </Link>
        }
      >
        No customer has the id in this address.
      </EmptyState>
    );
  }
  return (
    <BillingLocaleProvider value={customer}>
      <title>{`${customer.name} · Meterline staff`}</title>
      <CustomerHead customer={customer} />
      <nav className="ml-tabs" aria-label={customer.name}>
        <NavLink className="ml-tab" to={path} end>
          Usage and bill
        </NavLink>
        <NavLink className="ml-tab" to={`${path}/statements`}>
          Statements
        </NavLink>
        <NavLink className="ml-tab" to={`${path}/limits`}>
          Limits
        </NavLink>
        <NavLink className="ml-tab" to={`${path}/alerts`}>
          Alerts
        </NavLink>
        <NavLink className="ml-tab" to={`${path}/events`}>
          Events
        </NavLink>
        <NavLink className="ml-tab" to={`${path}/subscription`}>
          Subscription
        </NavLink>
        <NavLink className="ml-tab" to={`${path}/stripe`}>
          Stripe
        </NavLink>
        <NavLink className="ml-tab" to={`${path}/members`}>
          Members
        </NavLink>
      </nav>
      <Routes>
        <Route index element={<CustomerBillPage customerId={customer.id} path={path} />} />
        <Route
          path="statements/*"
          element={<CustomerStatementsPage customerId={customer.id} name={customer.name} path={path} />}
        />
        {/* The key: a half-filled form is about the customer that it was begun for. */}
        <Route path="limits" element={<CustomerLimitsPage key={customer.id} customerId={customer.id} />} />
        <Route path="alerts" element={<AlertsView customerId={customer.id} />} />
        <Route path="events" element={<EventsView customerId={customer.id} />} />
        <Route path="subscription" element={<CustomerSubscriptionPage customerId={customer.id} />} />
        <Route path="stripe" element={<CustomerStripePage key={customer.id} customerId={customer.id} />} />
        {/* The key: a password on screen goes with the customer it was made for. */}
        <Route path="members" element={<CustomerMembersPage key={customer.id} customerId={customer.id} />} />
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </BillingLocaleProvider>
  );
}
