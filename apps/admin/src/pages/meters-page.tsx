import { useQuery } from "@apollo/client/react";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { MeterTable } from "../features/catalog/meter-table.tsx";
import { graphql } from "../gql/gql.ts";

const METERS_PAGE_QUERY = graphql(`
  query MetersPageQuery {
    meters {
      id
      ...MeterTable_Meter
    }
  }
`);

const HEIGHTS = [320] as const;

/** Every meter: what is counted, and how. Meters change through the catalog file, not here. */
export function MetersPage() {
  const { data, error, refetch } = useQuery(METERS_PAGE_QUERY, { fetchPolicy: "cache-and-network" });
  return (
    <>
      <title>Meters · Meterline staff</title>
      <div>
        <h1 className="ml-page-title">Meters</h1>
        <p className="ml-page-note">What is counted, and how. Meters change through the catalog file.</p>
      </div>
      {data !== undefined ? (
        <MeterTable meters={data.meters} />
      ) : error !== undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <PageSkeleton heights={HEIGHTS} label="Loading meters" />
      )}
    </>
  );
}
