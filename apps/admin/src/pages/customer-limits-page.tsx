import { useQuery } from "@apollo/client/react";
import { ErrorState, LimitList, PageSkeleton, StaleNotice, useLiveRefetch } from "@meterline/web-kit";
import { EndLimitButton } from "../features/limits/end-limit-button.tsx";
import { LimitForm } from "../features/limits/limit-form.tsx";
import { graphql } from "../gql/gql.ts";

const CUSTOMER_LIMITS_PAGE_QUERY = graphql(`
  query CustomerLimitsPageQuery($customerId: ID!) {
    meters {
      id
      key
      name
      unit
      aggregation
    }
    limits(customerId: $customerId) {
      id
      ...LimitList_Limit
    }
  }
`);

/** A customer's limits as it sees them, with who set them and why; and the way to set or override one. */
export function CustomerLimitsPage({ customerId }: { customerId: string }) {
  const { data, error, refetch } = useQuery(CUSTOMER_LIMITS_PAGE_QUERY, {
    variables: { customerId },
    fetchPolicy: "cache-and-network",
  });
  useLiveRefetch(customerId, refetch);
  const changed = () => void refetch().catch(() => undefined);
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[300, 420]} label="Loading limits" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      {error === undefined ? null : <StaleNotice error={error} onRetry={() => void refetch()} />}
      <section className="ml-panel" aria-labelledby="limits-title">
        <div className="ml-panel-head">
          <h2 id="limits-title" className="ml-panel-title">
            Limits
          </h2>
          <p className="ml-panel-note">Of several on one meter the strictest decides</p>
        </div>
        <LimitList
          limits={data.limits}
          meters={data.meters}
          emptyText="The plan limits nothing, and nobody has set a limit for this customer."
          actions={(limit) =>
            limit.source === "PLAN" ? null : (
              <EndLimitButton customerId={customerId} limitId={limit.id} words={limit.words} onEnded={changed} />
            )
          }
        />
      </section>
      <LimitForm customerId={customerId} meters={data.meters} onSaved={changed} />
    </>
  );
}
