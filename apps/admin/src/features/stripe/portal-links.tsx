import { useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { Copyable, problemOf } from "@meterline/web-kit";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";

const PORTAL_URL = graphql(`
  mutation StripePortalUrlMutation($customerId: ID!) {
    stripePortalUrl(customerId: $customerId)
  }
`);
const SETUP_URL = graphql(`
  mutation StripeSetupUrlMutation($customerId: ID!) {
    stripeSetupUrl(customerId: $customerId)
  }
`);

/** Links to Stripe's own pages for this customer, made when they are asked for: they expire. */
export function PortalLinks({ customerId }: { customerId: string }) {
  const [url, setUrl] = useState<string | null>(null);
  const [portal, opening] = useMutation(PORTAL_URL, { variables: { customerId } });
  const [setup, settingUp] = useMutation(SETUP_URL, { variables: { customerId } });
  const error = opening.error ?? settingUp.error;
  const show = (made: string | undefined) => setUrl(made ?? null);
  return (
    <section className="ml-panel" aria-labelledby="links-title">
      <div className="ml-panel-head">
        <h2 id="links-title" className="ml-panel-title">
          Stripe's pages for the customer
        </h2>
        <span className="ml-confirm">
          <Button
            size="compact-sm"
            variant="default"
            loading={opening.loading}
            onClick={() =>
              void portal().then(
                ({ data }) => show(data?.stripePortalUrl),
                () => undefined,
              )
            }
          >
            Link to the billing portal
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            loading={settingUp.loading}
            onClick={() =>
              void setup().then(
                ({ data }) => show(data?.stripeSetupUrl),
                () => undefined,
              )
            }
          >
            Link to add a payment method
          </Button>
        </span>
      </div>
      {error === undefined ? null : (
        <p className="ad-body" role="alert">
          {problemOf(error).message}
        </p>
      )}
      {url === null ? null : (
        <p className="ad-body" role="status">
          <a className="ml-link" href={url} target="_blank" rel="noreferrer">
            Open it
          </a>{" "}
          or send it: <Copyable value={url} label="the link" />
        </p>
      )}
    </section>
  );
}
