import { useMutation } from "@apollo/client/react";
import { Button, TextInput } from "@mantine/core";
import { CreatedNotice, problemOf } from "@meterline/web-kit";
import { type FormEvent, useState } from "react";
import { graphql } from "../../gql/gql.ts";

const CREATE_ENDPOINT = graphql(`
  mutation CreateWebhookEndpointMutation($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) {
      secret
      endpoint {
        id
        url
      }
    }
  }
`);

/** Adds an address of the customer's own, and shows its signing secret this once. */
export function EndpointForm({ customerId, onCreated }: { customerId: string; onCreated: () => void }) {
  const [create, { data, loading, error, reset }] = useMutation(CREATE_ENDPOINT);
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await create({ variables: { input: { customerId, url: url.trim(), description: description.trim() } } })
      .then(() => {
        setUrl("");
        setDescription("");
        onCreated();
      })
      // The failure stands in `error`.
      .catch(() => undefined);
  };
  if (data !== undefined && data !== null) {
    const { secret, endpoint } = data.createWebhookEndpoint;
    return (
      <CreatedNotice secret={{ value: secret, label: "signing secret" }} onPutAway={reset}>
        <p>
          <strong>{endpoint.url}</strong> is told from now on. Copy the signing secret now: it is shown this once. Your
          system checks by it that a message is ours.
        </p>
      </CreatedNotice>
    );
  }
  const problem = error === undefined ? null : problemOf(error);
  return (
    <section className="ml-panel" aria-labelledby="new-endpoint-title">
      <div className="ml-panel-head">
        <h2 id="new-endpoint-title" className="ml-panel-title">
          New webhook
        </h2>
        <p className="ml-panel-note">Signed as Standard Webhooks describes</p>
      </div>
      <form className="ml-form" onSubmit={submit}>
        <div className="ml-form-pairs">
          <TextInput
            type="url"
            label="Address"
            description="https, on the public internet; redirects are not followed"
            placeholder="https://hooks.example.com/meterline"
            required
            withAsterisk={false}
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            error={problem?.field?.endsWith("url") ? problem.message : undefined}
          />
          <TextInput
            label="What it is for"
            description="Only if you want to say"
            maxLength={200}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
        </div>
        {problem === null || problem.field?.endsWith("url") ? null : <div role="alert">{problem.message}</div>}
        <div className="ml-form-foot">
          <Button type="submit" loading={loading} disabled={url.trim() === ""}>
            Add webhook
          </Button>
        </div>
      </form>
    </section>
  );
}
