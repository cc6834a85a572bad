import { useQuery } from "@apollo/client/react";
import { EmptyState, ErrorState, PageSkeleton } from "@meterline/web-kit";
import { PlanCard } from "../features/catalog/plan-card.tsx";
import { SubscriptionFacts } from "../features/customers/subscription-facts.tsx";
import { graphql } from "../gql/gql.ts";

const CUSTOMER_SUBSCRIPTION_PAGE_QUERY = graphql(`
  query CustomerSubscriptionPageQuery($customerId: ID!) {
    customer(id: $customerId) {
      id
      subscription {
        id
        ...SubscriptionFacts_Subscription
        plan {
          id
          ...PlanCard_PlanVersion
        }
      }
    }
  }
`);

/** The customer's plan now: since when, in which version, and how it prices each meter. */
export function CustomerSubscriptionPage({ customerId }: { customerId: string }) {
  const { data, error, refetch } = useQuery(CUSTOMER_SUBSCRIPTION_PAGE_QUERY, { variables: { customerId } });
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[150, 380]} label="Loading subscription" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  const subscription = data.customer?.subscription ?? null;
  if (subscription === null) {
    return (
      <section className="ml-panel">
        <EmptyState title="No subscription now">Its usage is counted, and no plan prices it.</EmptyState>
      </section>
    );
  }
  return (
    <>
      <SubscriptionFacts subscription={subscription} />
      <PlanCard plan={subscription.plan} />
    </>
  );
}
