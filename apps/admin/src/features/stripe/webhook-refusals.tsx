import { Instant } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";

const WEBHOOK_REFUSALS_REFUSAL = graphql(`
  fragment WebhookRefusals_Refusal on StripeWebhookRefusal {
    hour
    reason
    count
    lastAt
    lastAddress
  }
`);

const REASONS: Readonly<Record<string, string>> = {
  BAD_SIGNATURE: "The signature is wrong: another secret, or not from Stripe",
  TOO_OLD: "The signature is too old: a replay, or a clock that is wrong",
  TOO_LARGE: "The body is too large",
  NO_SECRET: "No secret is set for this family of events",
  NOT_AN_EVENT: "The body is no event of Stripe's",
};

/** What was turned away at the door; nothing when nothing was. */
export function WebhookRefusals(props: { refusals: readonly FragmentType<typeof WEBHOOK_REFUSALS_REFUSAL>[] }) {
  const refusals = readFragment(WEBHOOK_REFUSALS_REFUSAL, props.refusals);
  if (refusals.length === 0) return null;
  return (
    <section className="ml-panel" aria-labelledby="refusals-title">
      <div className="ml-panel-head">
        <h2 id="refusals-title" className="ml-panel-title">
          Turned away
        </h2>
        <p className="ml-panel-note">By hour; nothing of them was worked</p>
      </div>
      <ul className="ad-rows">
        {refusals.map((refusal) => (
          <li key={`${refusal.hour} ${refusal.reason}`} className="ad-row">
            <div className="ad-row-head">
              <span className="ml-tag" data-tone="warn">
                {refusal.count.toLocaleString()} ×
              </span>
              <h3>{REASONS[refusal.reason] ?? refusal.reason}</h3>
            </div>
            <p className="ad-row-facts">
              <span>
                last <Instant at={refusal.lastAt} zone /> from {refusal.lastAddress}
              </span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
