import { useQuery, useSubscription } from "@apollo/client/react";
import { useState } from "react";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { OpenAlertFragment } from "../gql/graphql.ts";

const OPEN_ALERT = graphql(`
  fragment OpenAlert on LimitAlert {
    id
    sequence
    severity
    title
    words
    crossedAt
    period {
      end
    }
  }
`);

const OPEN_ALERTS = graphql(`
  query OpenAlertsQuery($customerId: ID!) {
    alerts(customerId: $customerId, first: 50) {
      nodes {
        ...OpenAlert
      }
    }
  }
`);

const LIVE_ALERTS = graphql(`
  subscription LiveAlerts($customerId: ID!, $after: String) {
    limitAlerts(customerId: $customerId, after: $after) {
      ...OpenAlert
    }
  }
`);

/** Alerts kept of those that arrive while the page is open. */
const MAX_ARRIVED = 50;

/**
 * The latest alerts of a customer, and each new one within moments of the usage that raised it: what is pushed goes on
 * exactly where the list that was asked for ends. `arrived` counts those that came while the page was open.
 */
export function useOpenAlerts(customerId: string): { alerts: readonly OpenAlertFragment[]; arrived: number } {
  const { data } = useQuery(OPEN_ALERTS, { variables: { customerId }, fetchPolicy: "cache-first" });
  const [live, setLive] = useState<readonly OpenAlertFragment[]>([]);
  const asked = readFragment(OPEN_ALERT, (data?.alerts.nodes ?? []) as readonly FragmentType<typeof OPEN_ALERT>[]);
  useSubscription(LIVE_ALERTS, {
    variables: { customerId, after: asked[0]?.sequence ?? "0" },
    skip: data === undefined,
    ignoreResults: true,
    onData: ({ data: { data: pushed } }) => {
      if (pushed === undefined) return;
      const alert = readFragment(OPEN_ALERT, pushed.limitAlerts);
      setLive((now) => [alert, ...now.filter((one) => one.id !== alert.id)].slice(0, MAX_ARRIVED));
    },
  });
  const known = new Set(live.map((alert) => alert.id));
  return { alerts: [...live, ...asked.filter((alert) => !known.has(alert.id))], arrived: live.length };
}
