import { useQuery } from "@apollo/client/react";
import { DeliveryRecord, ErrorState, PageSkeleton } from "@meterline/web-kit";
import { graphql } from "../../gql/gql.ts";

const ENDPOINT_LOG_QUERY = graphql(`
  query EndpointLogQuery($customerId: ID!, $endpointId: ID!) {
    alertDeliveries(customerId: $customerId, endpointId: $endpointId, first: 20) {
      nodes {
        id
        ...DeliveryRecord_Delivery
      }
    }
  }
`);

/** A message is answered within seconds; while the log is open it is read again this often. */
const FRESH_MS = 3_000;

/** What was sent to an address, latest first, with each attempt and its answer. */
export function EndpointLog({ customerId, endpointId }: { customerId: string; endpointId: string }) {
  const { data, error, refetch } = useQuery(ENDPOINT_LOG_QUERY, {
    variables: { customerId, endpointId },
    fetchPolicy: "cache-and-network",
    pollInterval: FRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[60]} label="Loading the log" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  const { nodes } = data.alertDeliveries;
  return nodes.length === 0 ? (
    <p className="ml-page-note">Nothing was sent yet. Send a test to see how it is answered.</p>
  ) : (
    <DeliveryRecord deliveries={nodes} byTitle />
  );
}
