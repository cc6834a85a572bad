import { Money, Quantity, useBillingLocale } from "../formats/figures.tsx";
import { formatPeriod } from "../formats/period.ts";
import { measuredUnit } from "../formats/unit.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";

const LATE_LINE_ROW_LINE = graphql(`
  fragment LateLineRow_Line on LateLine {
    meter {
      id
      name
      unit
      aggregation
    }
    source {
      start
      end
    }
    quantity
    isUncharged
    amount {
      amountMinor
      currency
    }
  }
`);

/** What came late of an earlier, closed period: a signed difference that names where it belongs. */
export function LateLineRow(props: { line: FragmentType<typeof LATE_LINE_ROW_LINE> }) {
  const { meter, source, quantity, isUncharged, amount } = readFragment(LATE_LINE_ROW_LINE, props.line);
  const { timeZone } = useBillingLocale();
  return (
    <li className="ml-plain-line">
      <span>
        {meter === null ? "Minimum or maximum" : meter.name}{" "}
        <span className="ml-tag">{isUncharged ? "Billed later" : "Late usage"}</span>{" "}
        <span className="ml-unit">{formatPeriod(source, { timeZone })}</span>{" "}
        {meter === null ? null : <Quantity value={quantity} unit={measuredUnit(meter)} />}
      </span>
      <Money value={amount} signed />
    </li>
  );
}
