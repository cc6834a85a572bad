import { Copyable, Instant } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";

const SUBSCRIPTION_FACTS_SUBSCRIPTION = graphql(`
  fragment SubscriptionFacts_Subscription on PlanSubscription {
    id
    startsAt
    endsAt
    anchorAt
  }
`);

/** When a subscription runs and which instant its billing periods are counted from. */
export function SubscriptionFacts(props: { subscription: FragmentType<typeof SUBSCRIPTION_FACTS_SUBSCRIPTION> }) {
  const subscription = readFragment(SUBSCRIPTION_FACTS_SUBSCRIPTION, props.subscription);
  return (
    <section className="ml-panel" aria-labelledby="subscription-title">
      <div className="ml-panel-head">
        <h2 id="subscription-title" className="ml-panel-title">
          Subscription
        </h2>
      </div>
      <dl className="ml-facts ad-body">
        <dt>Id</dt>
        <dd>
          <Copyable value={subscription.id} label="subscription id" />
        </dd>
        <dt>Starts</dt>
        <dd>
          <Instant at={subscription.startsAt} zone />
        </dd>
        <dt>Ends</dt>
        <dd>{subscription.endsAt === null ? "Runs until it is ended" : <Instant at={subscription.endsAt} zone />}</dd>
        <dt>Period anchor</dt>
        <dd>
          <Instant at={subscription.anchorAt} zone />
        </dd>
      </dl>
    </section>
  );
}
