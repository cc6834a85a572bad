import { useSubscription } from "@apollo/client/react";
import { graphql } from "../gql/gql.ts";

const USAGE_UPDATES = graphql(`
  subscription UsageUpdates($customerId: ID!) {
    usageUpdates(customerId: $customerId) {
      customerId
      consumption {
        ...ConsumptionView_Consumption
      }
    }
  }
`);

/** What the pages ask: each puts {@link ConsumptionView} on screen, so one text fits what both keep in the cache. */
const LIVE_CONSUMPTION = graphql(`
  query LiveConsumption($customerId: ID!, $at: DateTime) {
    consumption(customerId: $customerId, at: $at) {
      ...ConsumptionView_Consumption
    }
  }
`);

/**
 * Keeps the current period of a page up to date: what is pushed takes the place of what the page asked for, whole, so
 * that every figure on it is of one moment. Off for a past period.
 */
export function useLiveConsumption(customerId: string, { skip }: { skip: boolean }): void {
  useSubscription(USAGE_UPDATES, {
    variables: { customerId },
    skip,
    ignoreResults: true,
    onData: ({ client, data }) => {
      if (data.data === undefined) return;
      const { consumption } = data.data.usageUpdates;
      client.writeQuery({ query: LIVE_CONSUMPTION, variables: { customerId, at: null }, data: { consumption } });
    },
  });
}
