import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { Link } from "react-router";
import { Money, Quantity } from "../formats/figures.tsx";
import { measuredUnit } from "../formats/unit.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { allowanceWords, measuredWords, modelWords, roundingWords } from "./pricing-words.ts";
import { TierTable } from "./tier-table.tsx";

const LINE_BREAKDOWN_LINE = graphql(`
  fragment LineBreakdown_Line on ConsumptionLine {
    meterKey
    meter {
      id
      name
      unit
      aggregation
    }
    quantity
    eventCount
    hasValue
    includedQuantity
    billableQuantity
    model
    unroundedAmount
    amount {
      amountMinor
      currency
    }
    tiers {
      ...TierTable_Charge
    }
  }
`);

/** Where the days and the events behind a line are shown. */
export type LineLinks = { readonly days: (meterKey: string) => string; readonly events: (meterKey: string) => string };

/** One line of the bill. Opened, it says how it was measured, what the allowance took off, each tier, and the rounding. */
export function LineBreakdown(props: { line: FragmentType<typeof LINE_BREAKDOWN_LINE>; links: LineLinks }) {
  const line = readFragment(LINE_BREAKDOWN_LINE, props.line);
  const [open, setOpen] = useState(false);
  const bodyId = useId();
  return (
    <li className="ml-line" data-open={open}>
      <h3 className="ml-line-head">
        <button type="button" aria-expanded={open} aria-controls={bodyId} onClick={() => setOpen(!open)}>
          <IconChevronRight className="ml-line-chevron" size={16} stroke={2} aria-hidden />
          <span className="ml-line-name">{line.meter.name}</span>
          <span className="ml-line-quantity">
            {line.hasValue ? <Quantity value={line.quantity} unit={measuredUnit(line.meter)} /> : "No value"}
          </span>
          <span className="ml-line-amount">
            <Money value={line.amount} />
          </span>
        </button>
      </h3>
      <div id={bodyId} className="ml-line-body" hidden={!open}>
        {open ? (
          <>
            <dl className="ml-story">
              <dt>Measured</dt>
              <dd>{measuredWords(line)}</dd>
              <dt>Allowance</dt>
              <dd>{allowanceWords(line)}</dd>
              <dt>Pricing</dt>
              <dd>{modelWords(line)}</dd>
            </dl>
            <TierTable
              charges={line.tiers}
              unroundedAmount={line.unroundedAmount}
              amount={line.amount}
              caption={`How ${line.meter.name} was priced`}
            />
            <p className="ml-line-rounding">{roundingWords(line)}</p>
            <p className="ml-line-links">
              <Link className="ml-link" to={props.links.days(line.meterKey)}>
                {line.meter.name} by day
              </Link>
              <Link className="ml-link" to={props.links.events(line.meterKey)}>
                Events behind this line
              </Link>
            </p>
          </>
        ) : null}
      </div>
    </li>
  );
}
