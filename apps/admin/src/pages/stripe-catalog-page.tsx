import { useQuery } from "@apollo/client/react";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { NoticeList } from "../features/stripe/notice-list.tsx";
import { StripeCatalog } from "../features/stripe/stripe-catalog.tsx";
import { graphql } from "../gql/gql.ts";

const STRIPE_CATALOG_PAGE_QUERY = graphql(`
  query StripeCatalogPageQuery {
    stripeCatalogDifference {
      ...StripeCatalog_Difference
    }
  }
`);

// Apart from the difference, which asks Stripe and fails while Stripe does.
const STRIPE_NOTICES_QUERY = graphql(`
  query StripeNoticesQuery {
    stripeNotices {
      ...NoticeList_Notice
    }
  }
`);

const HEIGHTS = [260] as const;

/** Meters, products and prices at Stripe beside our catalog, and what was changed there by others. */
export function StripeCatalogPage() {
  const catalog = useQuery(STRIPE_CATALOG_PAGE_QUERY, { fetchPolicy: "network-only" });
  const notices = useQuery(STRIPE_NOTICES_QUERY, { fetchPolicy: "cache-and-network" });
  const again = (query: { refetch: () => Promise<unknown> }) => () => void query.refetch().catch(() => undefined);
  return (
    <>
      {notices.data !== undefined ? (
        <NoticeList notices={notices.data.stripeNotices} onChanged={again(notices)} />
      ) : notices.error !== undefined ? (
        <ErrorState error={notices.error} onRetry={again(notices)} />
      ) : (
        <PageSkeleton heights={HEIGHTS} label="Loading notices" />
      )}
      {catalog.data !== undefined ? (
        <StripeCatalog difference={catalog.data.stripeCatalogDifference} onApplied={again(catalog)} />
      ) : catalog.error !== undefined ? (
        <section className="ml-panel">
          <ErrorState error={catalog.error} onRetry={again(catalog)} />
        </section>
      ) : (
        <PageSkeleton heights={HEIGHTS} label="Comparing the catalog with Stripe" />
      )}
    </>
  );
}
