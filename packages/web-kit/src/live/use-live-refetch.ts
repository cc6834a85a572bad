import { useSubscription } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { graphql } from "../gql/gql.ts";
import { useThrottled } from "./use-throttled.ts";

const USAGE_TICKS = graphql(`
  subscription UsageTicks($customerId: ID!) {
    usageUpdates(customerId: $customerId) {
      customerId
    }
  }
`);

/** How often at most a page asks again while numbers move. */
const ASK_EVERY_MS = 2_000;

/** Asks again when the customer's numbers have moved: for pages that show something other than what is pushed. */
export function useLiveRefetch(customerId: string, refetch: () => Promise<unknown>): void {
  const [ticks, setTicks] = useState(0);
  useSubscription(USAGE_TICKS, {
    variables: { customerId },
    ignoreResults: true,
    onData: () => setTicks((count) => count + 1),
  });
  // The first value is how things stand, which the page asked for itself just now.
  const settled = useThrottled(ticks, ASK_EVERY_MS);
  useEffect(() => {
    // A failed refresh leaves what is shown; the frame's own notice says when Meterline does not answer.
    if (settled > 1) refetch().catch(() => undefined);
  }, [settled, refetch]);
}
