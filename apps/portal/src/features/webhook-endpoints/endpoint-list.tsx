import { EmptyState, Instant, useMayChangeAlerts } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { EndpointList_EndpointFragment } from "../../gql/graphql.ts";
import { EndpointActions } from "./endpoint-actions.tsx";

const ENDPOINT_LIST_ENDPOINT = graphql(`
  fragment EndpointList_Endpoint on WebhookEndpoint {
    id
    customerId
    url
    description
    state
    pauseReason
    failingSince
    createdAt
  }
`);

/** The addresses that are told of alerts, whether they answer, and what may be done with each. */
export function EndpointList(props: {
  endpoints: readonly FragmentType<typeof ENDPOINT_LIST_ENDPOINT>[];
  onChanged: () => void;
}) {
  const endpoints = readFragment(ENDPOINT_LIST_ENDPOINT, props.endpoints);
  const mayChange = useMayChangeAlerts();
  if (endpoints.length === 0) {
    return (
      <EmptyState title="No webhooks">
        {mayChange
          ? "Add an address of your own system, and each alert is sent to it within moments."
          : "None of your systems is told of alerts yet."}
      </EmptyState>
    );
  }
  return (
    <ul className="ml-limits">
      {endpoints.map((endpoint) => (
        <EndpointRow key={endpoint.id} endpoint={endpoint} onChanged={props.onChanged} />
      ))}
    </ul>
  );
}

function EndpointRow({ endpoint, onChanged }: { endpoint: EndpointList_EndpointFragment; onChanged: () => void }) {
  return (
    <li className="ml-limit">
      <div className="ml-limit-head">
        <h3 className="ml-meter-name ml-delivery-target">{endpoint.url}</h3>
        <StateTag endpoint={endpoint} />
      </div>
      {endpoint.description === "" ? null : <p className="ml-limit-words">{endpoint.description}</p>}
      {endpoint.pauseReason === null ? null : <p className="ml-limit-words ml-limit-upgrade">{endpoint.pauseReason}</p>}
      <div className="ml-limit-foot">
        <span>
          Added <Instant at={endpoint.createdAt} detail="day" />
        </span>
        <EndpointActions endpoint={endpoint} onChanged={onChanged} />
      </div>
    </li>
  );
}

function StateTag({ endpoint }: { endpoint: EndpointList_EndpointFragment }) {
  if (endpoint.state === "PAUSED") {
    return (
      <span className="ml-tag" data-tone="bad">
        Paused
      </span>
    );
  }
  if (endpoint.failingSince === null) {
    return (
      <span className="ml-tag" data-tone="accent">
        Active
      </span>
    );
  }
  return (
    <span className="ml-tag" data-tone="warn">
      Failing since <Instant at={endpoint.failingSince} />
    </span>
  );
}
