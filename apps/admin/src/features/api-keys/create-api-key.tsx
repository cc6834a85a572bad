import { useMutation } from "@apollo/client/react";
import { Button, Checkbox, TextInput } from "@mantine/core";
import { CreatedNotice, problemOf } from "@meterline/web-kit";
import { type FormEvent, useState } from "react";
import { graphql } from "../../gql/gql.ts";
import type { ApiKeyScope } from "../../gql/graphql.ts";
import { SCOPES } from "./scope-words.ts";

const CREATE_API_KEY = graphql(`
  mutation CreateApiKeyMutation($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      secret
      apiKey {
        id
        name
      }
    }
  }
`);

/** Makes a key and shows its secret this once; it is kept in memory only until the notice is closed. */
export function CreateApiKey({ onCreated }: { onCreated: () => void }) {
  const [create, { data, loading, error, reset }] = useMutation(CREATE_API_KEY);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ApiKeyScope[]>(["USAGE_WRITE"]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await create({ variables: { input: { name: name.trim(), scopes } } })
      .then(onCreated)
      .then(() => setName(""))
      // The failure stands in `error` below.
      .catch(() => undefined);
  };
  if (data !== undefined && data !== null) {
    const { secret, apiKey } = data.createApiKey;
    return (
      <CreatedNotice secret={{ value: secret, label: "secret" }} onPutAway={reset}>
        <p>
          <strong>{apiKey.name}</strong> is ready. Copy its secret now: it is shown this once and cannot be shown again.
        </p>
      </CreatedNotice>
    );
  }
  return (
    <section className="ml-panel" aria-labelledby="create-key-title">
      <div className="ml-panel-head">
        <h2 id="create-key-title" className="ml-panel-title">
          New key
        </h2>
      </div>
      <form className="ad-form" onSubmit={submit}>
        <TextInput
          label="Name"
          description="Which backend holds it, for whoever reads this list later"
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group label="It may" value={scopes} onChange={(values) => setScopes(values as ApiKeyScope[])}>
          <div className="ad-scopes">
            {SCOPES.map(({ scope, name: scopeName, words }) => (
              <Checkbox key={scope} value={scope} label={words} description={scopeName} />
            ))}
          </div>
        </Checkbox.Group>
        {error === undefined ? null : <div role="alert">{problemOf(error).message}</div>}
        <div>
          <Button type="submit" loading={loading} disabled={scopes.length === 0 || name.trim() === ""}>
            Create key
          </Button>
        </div>
      </form>
    </section>
  );
}
