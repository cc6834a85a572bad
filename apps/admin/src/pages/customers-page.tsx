import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { CUSTOMERS_PAGE_SIZE, CustomerList } from "../features/customers/customer-list.tsx";
import { graphql } from "../gql/gql.ts";

const CUSTOMERS_PAGE_QUERY = graphql(`
  query CustomersPageQuery($search: String, $first: Int!, $after: String) {
    customers(search: $search, first: $first, after: $after) {
      ...CustomerList_Connection
    }
  }
`);

/** Typing pauses this long before the list is asked again. */
const SEARCH_PAUSE_MS = 250;
const HEIGHTS = [480] as const;

/** All customers, found by name, external id or e-mail address. */
export function CustomersPage() {
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState(params.get("search") ?? "");
  const [search] = useDebouncedValue(typed.trim(), SEARCH_PAUSE_MS);
  useEffect(() => setParams(search === "" ? {} : { search }, { replace: true }), [search, setParams]);
  const { data, previousData, error, refetch, fetchMore, networkStatus } = useQuery(CUSTOMERS_PAGE_QUERY, {
    variables: { search: search === "" ? null : search, first: CUSTOMERS_PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
  });
  const shown = data ?? (error === undefined ? previousData : undefined);
  const loadMore = (after: string) => void fetchMore({ variables: { after } }).catch(() => undefined);
  return (
    <>
      <title>Customers · Meterline staff</title>
      <h1 className="ml-page-title">Customers</h1>
      <section className="ml-panel" aria-label="Customers">
        <div className="ad-search" role="search">
          <TextInput
            type="search"
            aria-label="Search customers"
            placeholder="Name, external id or e-mail"
            leftSection={<IconSearch size={16} stroke={1.8} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        {shown !== undefined ? (
          <CustomerList
            connection={shown.customers}
            search={search}
            loadingMore={networkStatus === NetworkStatus.fetchMore}
            onLoadMore={loadMore}
          />
        ) : error !== undefined ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <PageSkeleton heights={HEIGHTS} label="Loading customers" />
        )}
      </section>
    </>
  );
}
