import { useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { ConfirmButton, CreatedNotice, isFirstClick, problemOf, useMayChangeAlerts } from "@meterline/web-kit";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";
import type { EndpointList_EndpointFragment } from "../../gql/graphql.ts";
import { EndpointLog } from "./endpoint-log.tsx";

const TEST_ENDPOINT = graphql(`
  mutation TestWebhookEndpointMutation($customerId: ID!, $id: ID!) {
    testWebhookEndpoint(customerId: $customerId, id: $id) {
      id
    }
  }
`);

const ROTATE_SECRET = graphql(`
  mutation RotateWebhookSecretMutation($customerId: ID!, $id: ID!) {
    rotateWebhookSecret(customerId: $customerId, id: $id) {
      secret
    }
  }
`);

const RESUME_ENDPOINT = graphql(`
  mutation ResumeWebhookEndpointMutation($customerId: ID!, $id: ID!) {
    resumeWebhookEndpoint(customerId: $customerId, id: $id) {
      id
      state
    }
  }
`);

const DELETE_ENDPOINT = graphql(`
  mutation DeleteWebhookEndpointMutation($customerId: ID!, $id: ID!) {
    deleteWebhookEndpoint(customerId: $customerId, id: $id) {
      id
    }
  }
`);

/** What may be done with an address; who may only look reads its log. */
export function EndpointActions(props: { endpoint: EndpointList_EndpointFragment; onChanged: () => void }) {
  const mayChange = useMayChangeAlerts();
  const [logOpen, setLogOpen] = useState(false);
  const { endpoint } = props;
  const log = { isOpen: logOpen, setOpen: setLogOpen };
  return (
    <>
      {mayChange ? <OwnerActions {...props} log={log} /> : <LogButton url={endpoint.url} log={log} />}
      {logOpen ? (
        <section className="ml-form-inline" aria-label={`Log of ${endpoint.url}`}>
          <EndpointLog customerId={endpoint.customerId} endpointId={endpoint.id} />
        </section>
      ) : null}
    </>
  );
}

type Log = { isOpen: boolean; setOpen: (isOpen: boolean) => void };

function LogButton({ url, log }: { url: string; log: Log }) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-expanded={log.isOpen}
      onClick={() => log.setOpen(!log.isOpen)}
      aria-label={`Log of ${url}`}
    >
      Log
    </Button>
  );
}

/** Test, change the secret, resume or remove an address. A new secret is shown once; the old one holds for a day beside it. */
function OwnerActions(props: { endpoint: EndpointList_EndpointFragment; onChanged: () => void; log: Log }) {
  const { endpoint, onChanged, log } = props;
  const { id, customerId, url } = endpoint;
  const variables = { customerId, id };
  const [test, testing] = useMutation(TEST_ENDPOINT, { variables });
  const [rotate, rotating] = useMutation(ROTATE_SECRET, { variables });
  const [resume, resuming] = useMutation(RESUME_ENDPOINT, { variables });
  const [remove, removing] = useMutation(DELETE_ENDPOINT, { variables });
  const error = testing.error ?? rotating.error ?? resuming.error;
  // A failure stands in `error`.
  const then = (done: Promise<unknown>) => void done.then(onChanged).catch(() => undefined);
  const secret = rotating.data?.rotateWebhookSecret.secret;
  return (
    <>
      <span className="ml-actions">
        {error === undefined ? null : <span role="alert">{problemOf(error).message}</span>}
        <Button
          size="compact-sm"
          variant="default"
          loading={testing.loading}
          onClick={() => then(test().then(() => log.setOpen(true)))}
          aria-label={`Send a test to ${url}`}
        >
          Send a test
        </Button>
        <LogButton url={url} log={log} />
        <Button
          size="compact-sm"
          variant="default"
          loading={rotating.loading}
          onClick={(event) => isFirstClick(event) && then(rotate())}
          aria-label={`New secret for ${url}`}
        >
          New secret
        </Button>
        {endpoint.state === "PAUSED" ? (
          <Button
            size="compact-sm"
            loading={resuming.loading}
            onClick={() => then(resume())}
            aria-label={`Resume ${url}`}
          >
            Resume
          </Button>
        ) : null}
        <ConfirmButton
          label="Remove"
          confirmLabel="Remove for good"
          about={url}
          color="red"
          loading={removing.loading}
          error={removing.error}
          onConfirm={() => remove().then(onChanged)}
        />
      </span>
      {secret === undefined ? null : (
        <div className="ml-form-inline">
          <CreatedNotice secret={{ value: secret, label: "signing secret" }} onPutAway={rotating.reset}>
            <p>
              The new signing secret, shown this once. Messages are signed with both for a day, so change it in peace.
            </p>
          </CreatedNotice>
        </div>
      )}
    </>
  );
}
