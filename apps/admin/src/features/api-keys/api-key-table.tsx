import { useMutation } from "@apollo/client/react";
import { ConfirmButton, EmptyState, Instant } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import { scopeName } from "./scope-words.ts";

const API_KEY_TABLE_KEY = graphql(`
  fragment ApiKeyTable_Key on ApiKey {
    id
    name
    prefix
    scopes
    createdAt
    lastUsedAt
    revokedAt
  }
`);

const REVOKE_API_KEY = graphql(`
  mutation RevokeApiKeyMutation($id: ID!) {
    revokeApiKey(id: $id) {
      id
      revokedAt
    }
  }
`);

/** Keys with what each may do and when it was last used. Secrets are never shown: we hold only their hashes. */
export function ApiKeyTable(props: { apiKeys: readonly FragmentType<typeof API_KEY_TABLE_KEY>[] }) {
  const apiKeys = readFragment(API_KEY_TABLE_KEY, props.apiKeys);
  if (apiKeys.length === 0) {
    return (
      <section className="ml-panel">
        <EmptyState title="No keys yet">A backend needs one to record usage.</EmptyState>
      </section>
    );
  }
  return (
    <section className="ml-panel ml-scroll" tabIndex={0} aria-label="API keys">
      <table className="ml-table">
        <caption className="ml-hidden">API keys</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Begins with</th>
            <th scope="col">Scopes</th>
            <th scope="col">Created, UTC</th>
            <th scope="col">Last used, UTC</th>
            <th scope="col">
              <span className="ml-hidden">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {apiKeys.map((apiKey) => (
            <tr key={apiKey.id}>
              <th scope="row">{apiKey.name}</th>
              <td className="ml-mono">{apiKey.prefix}…</td>
              <td>
                <span className="ad-scope-tags">
                  {apiKey.scopes.map((scope) => (
                    <span key={scope} className="ml-tag">
                      {scopeName(scope)}
                    </span>
                  ))}
                </span>
              </td>
              <td>
                <Instant at={apiKey.createdAt} />
              </td>
              <td>{apiKey.lastUsedAt === null ? "Never" : <Instant at={apiKey.lastUsedAt} />}</td>
              <td className="ml-right">
                {apiKey.revokedAt === null ? (
                  <RevokeButton id={apiKey.id} name={apiKey.name} />
                ) : (
                  <span className="ml-tag" data-tone="bad">
                    Revoked <Instant at={apiKey.revokedAt} detail="day" />
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Asks once more in place: a revoked key stops its backend at once, and there is no way back. */
function RevokeButton({ id, name }: { id: string; name: string }) {
  const [revoke, { loading, error }] = useMutation(REVOKE_API_KEY, { variables: { id } });
  return (
    <ConfirmButton
      label="Revoke"
      confirmLabel="Revoke for good"
      about={name}
      color="red"
      loading={loading}
      error={error}
      onConfirm={() => revoke()}
    />
  );
}
