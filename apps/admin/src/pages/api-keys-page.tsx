import { useQuery } from "@apollo/client/react";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { ApiKeyTable } from "../features/api-keys/api-key-table.tsx";
import { CreateApiKey } from "../features/api-keys/create-api-key.tsx";
import { graphql } from "../gql/gql.ts";

const API_KEYS_PAGE_QUERY = graphql(`
  query ApiKeysPageQuery {
    apiKeys {
      id
      ...ApiKeyTable_Key
    }
  }
`);

const HEIGHTS = [260] as const;

/** The keys that product backends call the API with. */
export function ApiKeysPage() {
  const { data, error, refetch } = useQuery(API_KEYS_PAGE_QUERY, { fetchPolicy: "cache-and-network" });
  return (
    <>
      <title>API keys · Meterline staff</title>
      <div>
        <h1 className="ml-page-title">API keys</h1>
        <p className="ml-page-note">Product backends send one as a bearer token. A key acts only within its scopes.</p>
      </div>
      {data !== undefined ? (
        <ApiKeyTable apiKeys={data.apiKeys} />
      ) : error !== undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <PageSkeleton heights={HEIGHTS} label="Loading API keys" />
      )}
      <CreateApiKey onCreated={() => void refetch()} />
    </>
  );
}
