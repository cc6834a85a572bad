import { useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { ConfirmButton, Copyable, EmptyState, Instant, problemOf } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { StripeStanding_StandingFragment } from "../../gql/graphql.ts";

const STRIPE_STANDING_STANDING = graphql(`
  fragment StripeStanding_Standing on StripeStanding {
    customerId
    stripeCustomerId
    deletedAt
    syncState
    syncNote
    subscriptions {
      planSubscriptionId
      stripeSubscriptionId
      status
      startsAt
      cancelAt
      endedAt
      ratedByStripe
    }
  }
`);

const LINK = graphql(`
  mutation LinkStripeCustomerMutation($customerId: ID!) {
    linkStripeCustomer(input: { customerId: $customerId }) {
      ...StripeStanding_Standing
    }
  }
`);

const RETRY = graphql(`
  mutation RetryStripeCustomerMutation($customerId: ID!) {
    retryStripeCustomer(customerId: $customerId) {
      ...StripeStanding_Standing
    }
  }
`);

/** Who a customer is at Stripe, and which subscriptions bill it there; null where it is not linked yet. */
export function StripeStanding(props: {
  customerId: string;
  standing: FragmentType<typeof STRIPE_STANDING_STANDING> | null;
  onChanged: () => void;
}) {
  const standing = readFragment(STRIPE_STANDING_STANDING, props.standing);
  const variables = { customerId: props.customerId };
  const [link, linking] = useMutation(LINK, { variables });
  const [retry, retrying] = useMutation(RETRY, { variables });
  return (
    <section className="ml-panel" aria-labelledby="standing-title">
      <div className="ml-panel-head">
        <h2 id="standing-title" className="ml-panel-title">
          At Stripe
        </h2>
        {standing !== null ? (
          <span className="ml-confirm">
            {retrying.error === undefined ? null : <span role="alert">{problemOf(retrying.error).message}</span>}
            <Button
              size="compact-sm"
              variant="default"
              loading={retrying.loading}
              onClick={() => void retry().then(props.onChanged, () => undefined)}
            >
              Look again now
            </Button>
          </span>
        ) : (
          <ConfirmButton
            label="Bill through Stripe"
            confirmLabel="Make it at Stripe, and bill from now on"
            loading={linking.loading}
            error={linking.error}
            onConfirm={() => link().then(props.onChanged)}
          />
        )}
      </div>
      {standing !== null ? (
        <StandingFacts standing={standing} />
      ) : (
        <EmptyState title="Not billed through Stripe">
          Its usage is counted and priced here, and told to nobody.
        </EmptyState>
      )}
    </section>
  );
}

function StandingFacts({ standing }: { standing: StripeStanding_StandingFragment }) {
  return (
    <div className="ad-body">
      <dl className="ml-facts">
        <dt>Customer</dt>
        <dd>
          {standing.stripeCustomerId === null ? (
            "being made"
          ) : (
            <Copyable value={standing.stripeCustomerId} label="Stripe's id of the customer" />
          )}
          {standing.deletedAt === null ? null : (
            <span className="ml-tag" data-tone="bad">
              Deleted at Stripe <Instant at={standing.deletedAt} />
            </span>
          )}
        </dd>
        <dt>Kept the same</dt>
        <dd>
          <span className="ml-tag" data-tone={standing.syncState === "FAILED" ? "bad" : undefined}>
            {SYNC_WORDS[standing.syncState] ?? standing.syncState}
          </span>{" "}
          {standing.syncNote}
        </dd>
        {standing.subscriptions.map((one) => (
          <SubscriptionFact key={one.planSubscriptionId} subscription={one} />
        ))}
      </dl>
    </div>
  );
}

const SYNC_WORDS: Readonly<Record<string, string>> = { WAITING: "Under way", DONE: "Done", FAILED: "Failed" };

function SubscriptionFact({
  subscription: one,
}: {
  subscription: StripeStanding_StandingFragment["subscriptions"][0];
}) {
  return (
    <>
      <dt>Subscription</dt>
      <dd>
        <Copyable value={one.stripeSubscriptionId} label="Stripe's id of the subscription" />{" "}
        <span className="ml-tag">{one.status}</span> from <Instant at={one.startsAt} zone />
        {one.endedAt !== null ? (
          <>
            , ended <Instant at={one.endedAt} />
          </>
        ) : one.cancelAt === null ? null : (
          <>
            , ends <Instant at={one.cancelAt} />
          </>
        )}
        <br />
        {one.ratedByStripe.length === 0
          ? "Meterline prices every meter and adds the lines to the invoice."
          : `Stripe prices ${one.ratedByStripe.join(", ")}; Meterline the others.`}
      </dd>
    </>
  );
}
