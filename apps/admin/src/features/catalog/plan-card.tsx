import { intervalWords, MODEL_NAMES, Money, Quantity } from "@meterline/web-kit";
import { useId } from "react";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import { priceWords } from "./price-words.ts";

const PLAN_CARD_PLAN_VERSION = graphql(`
  fragment PlanCard_PlanVersion on PlanVersion {
    id
    planKey
    version
    name
    currency
    interval
    intervalCount
    baseFee {
      amountMinor
      currency
    }
    rateCards {
      meterKey
      model
      includedQuantity
      definition
    }
  }
`);

/** A plan version: its base fee, and how each meter is priced. */
export function PlanCard(props: { plan: FragmentType<typeof PLAN_CARD_PLAN_VERSION> }) {
  const plan = readFragment(PLAN_CARD_PLAN_VERSION, props.plan);
  const titleId = useId();
  return (
    <section className="ml-panel" aria-labelledby={titleId}>
      <div className="ml-panel-head">
        <h2 id={titleId} className="ml-panel-title">
          {plan.name} <span className="ml-tag">version {plan.version}</span>
        </h2>
        <p className="ml-panel-note">
          <span className="ml-mono">{plan.planKey}</span> · <Money value={plan.baseFee} /> {plan.currency}{" "}
          {intervalWords(plan.interval, plan.intervalCount)}
        </p>
      </div>
      <section className="ml-scroll" tabIndex={0} aria-label={`Rate cards of ${plan.name}`}>
        <table className="ml-table">
          <caption className="ml-hidden">Rate cards of {plan.name}</caption>
          <thead>
            <tr>
              <th scope="col">Meter</th>
              <th scope="col">Model</th>
              <th scope="col" className="ml-right">
                Included
              </th>
              <th scope="col">Price</th>
            </tr>
          </thead>
          <tbody>
            {plan.rateCards.map((card) => (
              <tr key={card.meterKey}>
                <th scope="row">
                  <span className="ml-mono">{card.meterKey}</span>
                </th>
                <td>{MODEL_NAMES[card.model]}</td>
                <td className="ml-right">
                  <Quantity value={card.includedQuantity} />
                </td>
                <td>
                  <ul className="ad-card-price">
                    {priceWords(card.definition, plan.currency).map((words) => (
                      <li key={words}>{words}</li>
                    ))}
                  </ul>
                  <details>
                    <summary>As in the catalog file</summary>
                    <pre className="ad-json ml-mono" tabIndex={0}>
                      {JSON.stringify(card.definition, null, 2)}
                    </pre>
                  </details>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
