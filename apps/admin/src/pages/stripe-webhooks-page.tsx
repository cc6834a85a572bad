import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { NativeSelect } from "@mantine/core";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { useSearchParams } from "react-router";
import { EventCatchUp } from "../features/stripe/event-catch-up.tsx";
import { WEBHOOK_STATES } from "../features/stripe/stripe-words.ts";
import { WebhookLog, WEBHOOKS_PAGE_SIZE } from "../features/stripe/webhook-log.tsx";
import { WebhookRefusals } from "../features/stripe/webhook-refusals.tsx";
import { graphql } from "../gql/gql.ts";
import type { StripeWebhookState } from "../gql/graphql.ts";

const STRIPE_WEBHOOKS_PAGE_QUERY = graphql(`
  query StripeWebhooksPageQuery($state: StripeWebhookState, $first: Int!, $after: String) {
    stripeWebhookEvents(state: $state, first: $first, after: $after) {
      ...WebhookLog_Connection
    }
    stripeEventCatchUp {
      family
      ...EventCatchUp_CatchUp
    }
    stripeWebhookRefusals {
      ...WebhookRefusals_Refusal
    }
  }
`);

const STATES: readonly StripeWebhookState[] = ["WAITING", "DONE", "IGNORED", "FAILED"];
const HEIGHTS = [480] as const;

/** What Stripe sent and what was made of it, and what was turned away. */
export function StripeWebhooksPage() {
  const [params, setParams] = useSearchParams();
  const state = STATES.find((one) => one === params.get("state")) ?? null;
  const { data, error, refetch, fetchMore, networkStatus } = useQuery(STRIPE_WEBHOOKS_PAGE_QUERY, {
    variables: { state, first: WEBHOOKS_PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
  });
  return (
    <>
      {data === undefined ? null : <WebhookRefusals refusals={data.stripeWebhookRefusals} />}
      <section className="ml-panel" aria-labelledby="webhooks-title">
        <div className="ml-panel-head">
          <h2 id="webhooks-title" className="ml-panel-title">
            Webhooks
          </h2>
        </div>
        {data === undefined ? null : <EventCatchUp catchUps={data.stripeEventCatchUp} />}
        <div className="ad-filter">
          <NativeSelect
            label="State"
            value={state ?? ""}
            data={[
              { value: "", label: "All" },
              ...STATES.map((value) => ({ value, label: WEBHOOK_STATES[value].word })),
            ]}
            onChange={({ currentTarget: { value } }) => setParams(value === "" ? {} : { state: value })}
          />
        </div>
        {data !== undefined ? (
          <WebhookLog
            connection={data.stripeWebhookEvents}
            filtered={state !== null}
            loadingMore={networkStatus === NetworkStatus.fetchMore}
            onLoadMore={(after) => void fetchMore({ variables: { after } }).catch(() => undefined)}
          />
        ) : error !== undefined ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <PageSkeleton heights={HEIGHTS} label="Loading webhooks" />
        )}
      </section>
    </>
  );
}
