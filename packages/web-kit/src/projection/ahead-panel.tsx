import { useQuery } from "@apollo/client/react";
import { graphql } from "../gql/gql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { ErrorState } from "../states/error-state.tsx";
import { PageSkeleton } from "../states/skeletons.tsx";

const AHEAD_PANEL_QUERY = graphql(`
  query AheadPanelQuery($customerId: ID!) {
    projection(customerId: $customerId) {
      words
      lines {
        meterKey
        basis
        meter {
          id
          name
        }
        crossings {
          words
        }
      }
    }
  }
`);

/** What is expected to be crossed before the period ends, each with its date and band; and what that is made from. */
export function AheadPanel({ customerId }: { customerId: string }) {
  const { data, error, refetch } = useQuery(AHEAD_PANEL_QUERY, {
    variables: { customerId },
    fetchPolicy: "cache-and-network",
  });
  const lines = data?.projection.lines.filter((line) => line.crossings.length > 0) ?? [];
  return (
    <section className="ml-panel" aria-labelledby="ahead-title">
      <div className="ml-panel-head">
        <h2 id="ahead-title" className="ml-panel-title">
          What is ahead
        </h2>
        <p className="ml-panel-note">A forecast of this period from the days before it</p>
      </div>
      {data === undefined ? (
        error === undefined ? (
          <PageSkeleton heights={[90]} label="Loading the forecast" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : lines.length === 0 ? (
        <EmptyState title="Nothing is expected to be crossed">{data.projection.words}</EmptyState>
      ) : (
        <ul className="ml-limits">
          {lines.map((line) => (
            <li key={line.meterKey} className="ml-limit">
              <h3 className="ml-meter-name">{line.meter.name}</h3>
              {line.crossings.map(({ words }) => (
                <p key={words} className="ml-limit-words">
                  {words}
                </p>
              ))}
              <p className="ml-limit-foot">{line.basis}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
