import "./bill.css";
import { CurrencyCode, Money } from "../formats/figures.tsx";
import { isZeroMoney } from "../formats/money.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { intervalWords } from "./interval-words.ts";
import { LateLineRow } from "./late-line-row.tsx";
import { LineBreakdown, type LineLinks } from "./line-breakdown.tsx";

const BILL_PANEL_CONSUMPTION = graphql(`
  fragment BillPanel_Consumption on Consumption {
    period {
      state
    }
    subscription {
      id
      plan {
        id
        name
        version
        interval
        intervalCount
      }
    }
    baseFee {
      amountMinor
      currency
    }
    lines {
      meterKey
      ...LineBreakdown_Line
    }
    adjustments {
      label
      amount {
        amountMinor
        currency
      }
    }
    lateLines {
      meterKey
      ...LateLineRow_Line
    }
    total {
      amountMinor
      currency
    }
  }
`);

/** The lines that make the bill, in the order the plan lists them, then adjustments and the total as the API states it. */
export function BillPanel(props: { consumption: FragmentType<typeof BILL_PANEL_CONSUMPTION>; links: LineLinks }) {
  const bill = readFragment(BILL_PANEL_CONSUMPTION, props.consumption);
  const plan = bill.subscription?.plan ?? null;
  const nothing = plan === null && bill.lines.length === 0 && isZeroMoney(bill.total);
  return (
    <section className="ml-panel" aria-labelledby="bill-title">
      <div className="ml-panel-head">
        <h2 id="bill-title" className="ml-panel-title">
          {bill.period.state === "CLOSED" ? "The bill" : "The bill so far"}
        </h2>
        <p className="ml-panel-note">
          {plan === null ? "No plan in this period" : `${plan.name} plan, version ${plan.version}`}
        </p>
      </div>
      {nothing ? (
        <EmptyState title="Nothing to bill">
          {bill.period.state === "OPEN"
            ? "There is no plan in this period so far, so usage in it has no price."
            : "There was no plan in this period, so usage in it has no price."}
        </EmptyState>
      ) : (
        <ul className="ml-lines">
          <li className="ml-plain-line">
            <span>
              Base fee{" "}
              {plan === null ? null : (
                <span className="ml-unit">{intervalWords(plan.interval, plan.intervalCount)}</span>
              )}
            </span>
            <Money value={bill.baseFee} />
          </li>
          {bill.lines.map((line) => (
            <LineBreakdown key={line.meterKey} line={line} links={props.links} />
          ))}
          {bill.adjustments.map((adjustment) => (
            <li key={adjustment.label} className="ml-plain-line">
              <span>
                {adjustment.label} <span className="ml-tag">Adjustment</span>
              </span>
              <Money value={adjustment.amount} signed />
            </li>
          ))}
          {bill.lateLines.map((line, index) => (
            // A period may be late on several meters, and a meter in several periods; the API fixes their order.
            <LateLineRow key={`${index}-${line.meterKey ?? "bounds"}`} line={line} />
          ))}
          <li className="ml-plain-line ml-total-line">
            <span>Total</span>
            <span>
              <Money value={bill.total} />
              <CurrencyCode beside={bill.total} />
            </span>
          </li>
        </ul>
      )}
    </section>
  );
}
