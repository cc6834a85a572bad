import { useQuery } from "@apollo/client/react";
import { EmptyState, ErrorState, PageSkeleton } from "@meterline/web-kit";
import { PlanCard } from "../features/catalog/plan-card.tsx";
import { graphql } from "../gql/gql.ts";

const PLANS_PAGE_QUERY = graphql(`
  query PlansPageQuery {
    plans {
      key
      latest {
        id
        ...PlanCard_PlanVersion
      }
    }
  }
`);

/** The latest version of every plan. Plans change through the catalog file, not here. */
export function PlansPage() {
  const { data, error, refetch } = useQuery(PLANS_PAGE_QUERY, { fetchPolicy: "cache-and-network" });
  return (
    <>
      <title>Plans · Meterline staff</title>
      <div>
        <h1 className="ml-page-title">Plans</h1>
        <p className="ml-page-note">
          The latest versions. A subscription stays on the version it was made with. Plans change through the catalog
          file.
        </p>
      </div>
      {data !== undefined ? (
        <div className="ad-cards">
          {data.plans.map((plan) => (
            <PlanCard key={plan.key} plan={plan.latest} />
          ))}
          {data.plans.length === 0 ? (
            <section className="ml-panel">
              <EmptyState title="No plans yet">Apply a catalog file: npm run catalog -- apply</EmptyState>
            </section>
          ) : null}
        </div>
      ) : error !== undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <PageSkeleton heights={[300, 300]} label="Loading plans" />
      )}
    </>
  );
}
