import { useQuery } from "@apollo/client/react";
import { ErrorState, PageSkeleton, StaleNotice } from "@meterline/web-kit";
import { ParitySheet } from "../features/stripe/parity-sheet.tsx";
import { PortalLinks } from "../features/stripe/portal-links.tsx";
import { StripeStanding } from "../features/stripe/stripe-standing.tsx";
import { ToldTotals } from "../features/stripe/told-totals.tsx";
import { graphql } from "../gql/gql.ts";

const CUSTOMER_STRIPE_PAGE_QUERY = graphql(`
  query CustomerStripePageQuery($customerId: ID!) {
    stripeStanding(customerId: $customerId) {
      stripeCustomerId
      ...StripeStanding_Standing
    }
    consumption(customerId: $customerId) {
      period {
        start
      }
    }
  }
`);

const CUSTOMER_TOLD_QUERY = graphql(`
  query CustomerToldQuery($customerId: ID!, $periodStart: DateTime!) {
    toldTotals(customerId: $customerId, periodStart: $periodStart) {
      ...ToldTotals_Total
    }
  }
`);

const REFRESH_MS = 5_000;
const HEIGHTS = [200, 260] as const;

/** One customer at Stripe: who it is there, what was told of this period, and the move from usage records. */
export function CustomerStripePage({ customerId }: { customerId: string }) {
  const standing = useQuery(CUSTOMER_STRIPE_PAGE_QUERY, {
    variables: { customerId },
    fetchPolicy: "cache-and-network",
    pollInterval: REFRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  const { data, error } = standing;
  const again = () => void standing.refetch().catch(() => undefined);
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={HEIGHTS} label="Loading the customer at Stripe" />
    ) : (
      <ErrorState error={error} onRetry={again} />
    );
  }
  return (
    <>
      {error === undefined ? null : <StaleNotice error={error} onRetry={again} />}
      <StripeStanding customerId={customerId} standing={data.stripeStanding} onChanged={again} />
      {data.stripeStanding === null || data.stripeStanding.stripeCustomerId === null ? null : (
        <>
          <PortalLinks customerId={customerId} />
          <Told customerId={customerId} periodStart={data.consumption.period.start} />
          <ParitySheet customerId={customerId} />
        </>
      )}
    </>
  );
}

function Told({ customerId, periodStart }: { customerId: string; periodStart: string }) {
  const { data, error, refetch } = useQuery(CUSTOMER_TOLD_QUERY, {
    variables: { customerId, periodStart },
    fetchPolicy: "cache-and-network",
    pollInterval: REFRESH_MS,
    skipPollAttempt: () => document.hidden,
  });
  const again = () => void refetch().catch(() => undefined);
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={HEIGHTS} label="Loading what Stripe was told" />
    ) : (
      <ErrorState error={error} onRetry={again} />
    );
  }
  return (
    <section className="ml-panel" aria-labelledby="told-title">
      <div className="ml-panel-head">
        <h2 id="told-title" className="ml-panel-title">
          Told in this billing period
        </h2>
      </div>
      <ToldTotals totals={data.toldTotals} />
    </section>
  );
}
