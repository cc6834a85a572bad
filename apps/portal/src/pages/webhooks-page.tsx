import { useQuery } from "@apollo/client/react";
import { ErrorState, OwnersOnly, PageSkeleton, StaleNotice, useMayChangeAlerts } from "@meterline/web-kit";
import { EndpointForm } from "../features/webhook-endpoints/endpoint-form.tsx";
import { EndpointList } from "../features/webhook-endpoints/endpoint-list.tsx";
import { graphql } from "../gql/gql.ts";

const WEBHOOKS_PAGE_QUERY = graphql(`
  query WebhooksPageQuery($customerId: ID!) {
    webhookEndpoints(customerId: $customerId) {
      id
      ...EndpointList_Endpoint
    }
  }
`);

/** Where the customer's own systems are told of alerts. */
export function WebhooksPage({ customerId }: { customerId: string }) {
  const { data, error, refetch } = useQuery(WEBHOOKS_PAGE_QUERY, {
    variables: { customerId },
    fetchPolicy: "cache-and-network",
  });
  const mayChange = useMayChangeAlerts();
  const changed = () => void refetch().catch(() => undefined);
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[200, 220]} label="Loading webhooks" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      {error === undefined ? null : <StaleNotice error={error} onRetry={() => void refetch()} />}
      <section className="ml-panel" aria-labelledby="endpoints-title">
        <div className="ml-panel-head">
          <h2 id="endpoints-title" className="ml-panel-title">
            Webhooks
          </h2>
          <p className="ml-panel-note">What was sent to each, and how it was answered, is in its log</p>
        </div>
        <EndpointList endpoints={data.webhookEndpoints} onChanged={changed} />
      </section>
      {mayChange ? <EndpointForm customerId={customerId} onCreated={changed} /> : <OwnersOnly what="webhooks" />}
    </>
  );
}
