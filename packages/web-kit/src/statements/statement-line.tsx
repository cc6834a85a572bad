import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { Link } from "react-router";
import { allowanceWords, modelWords, roundingWords } from "../bill/pricing-words.ts";
import { TierTable } from "../bill/tier-table.tsx";
import { Money, Quantity, useBillingLocale } from "../formats/figures.tsx";
import { formatMoney } from "../formats/money.ts";
import { formatPeriod } from "../formats/period.ts";
import { formatQuantity } from "../formats/quantity.ts";
import { measuredUnit } from "../formats/unit.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { StatementLine_LineFragment } from "../gql/graphql.ts";
import { isLate, isUncharged } from "./statement-words.ts";

const STATEMENT_LINE_LINE = graphql(`
  fragment StatementLine_Line on StatementLine {
    key
    kind
    label
    meter {
      id
      key
      name
      unit
      aggregation
    }
    start
    end
    quantity
    amount {
      amountMinor
      currency
    }
    hasValue
    model
    pricedQuantity
    includedQuantity
    billableQuantity
    unroundedAmount
    pricedAmount {
      amountMinor
      currency
    }
    tiers {
      ...TierTable_Charge
    }
    billedQuantity
    billedAmount {
      amountMinor
      currency
    }
  }
`);

/** Where the events behind a line are shown. */
export type StatementLinks = { readonly events: (meterKey: string, window: { start: string; end: string }) => string };

/** One line of a statement. A meter's opens to how it was priced; a late one also to what its period was billed before. */
export function StatementLine(props: {
  line: FragmentType<typeof STATEMENT_LINE_LINE>;
  period: { start: string; end: string };
  links: StatementLinks;
}) {
  const line = readFragment(STATEMENT_LINE_LINE, props.line);
  const { timeZone } = useBillingLocale();
  const when = formatPeriod(line, { timeZone });
  const isElsewhere = line.start !== props.period.start || line.end !== props.period.end;
  if (line.meter === null) {
    return (
      <li className="ml-plain-line">
        <span>
          {line.label} {isLate(line.kind) ? <span className="ml-tag">Late</span> : null}
          {isUncharged(line.kind) ? <span className="ml-tag">Billed later</span> : null}
          {isElsewhere ? <span className="ml-unit"> {when}</span> : null}
        </span>
        <Money value={line.amount} signed={line.kind !== "BASE_FEE"} />
      </li>
    );
  }
  return <MeterLine line={line} meter={line.meter} when={isElsewhere ? when : null} links={props.links} />;
}

function MeterLine(props: {
  line: StatementLine_LineFragment;
  meter: NonNullable<StatementLine_LineFragment["meter"]>;
  when: string | null;
  links: StatementLinks;
}) {
  const { line, meter, when } = props;
  const [open, setOpen] = useState(false);
  const bodyId = useId();
  const late = isLate(line.kind);
  return (
    <li className="ml-line" data-open={open}>
      <h3 className="ml-line-head">
        <button type="button" aria-expanded={open} aria-controls={bodyId} onClick={() => setOpen(!open)}>
          <IconChevronRight className="ml-line-chevron" size={16} stroke={2} aria-hidden />
          <span className="ml-line-name">
            {meter.name} {late ? <span className="ml-tag">Late usage</span> : null}
            {isUncharged(line.kind) ? <span className="ml-tag">Billed later</span> : null}
            {when === null ? null : <span className="ml-unit"> {when}</span>}
          </span>
          <span className="ml-line-quantity">
            {line.hasValue && line.quantity !== null ? (
              <Quantity value={line.quantity} unit={measuredUnit(meter)} />
            ) : (
              "No value"
            )}
          </span>
          <span className="ml-line-amount">
            <Money value={line.amount} signed={late || isUncharged(line.kind)} />
          </span>
        </button>
      </h3>
      {/* On paper every line is open, so its body is there in any case. */}
      <div id={bodyId} className="ml-line-body ml-statement-body" data-open={open}>
        <LineStory line={line} meter={meter} />
        <p className="ml-line-links">
          <Link className="ml-link" to={props.links.events(meter.key, line)}>
            Events behind this line
          </Link>
        </p>
      </div>
    </li>
  );
}

function LineStory({
  line,
  meter,
}: {
  line: StatementLine_LineFragment;
  meter: NonNullable<StatementLine_LineFragment["meter"]>;
}) {
  const { pricedQuantity, pricedAmount, unroundedAmount } = line;
  if (pricedQuantity === null || pricedAmount === null || unroundedAmount === null) return null;
  const priced = {
    ...line,
    meter,
    quantity: pricedQuantity,
    amount: pricedAmount,
    unroundedAmount,
    // Statements keep what was counted, not how many events that took.
    eventCount: "0",
  };
  return (
    <>
      <dl className="ml-story">
        {isLate(line.kind) && line.billedAmount !== null && line.billedQuantity !== null ? (
          <>
            <dt>Late usage</dt>
            <dd>
              This period was closed with {formatQuantity(line.billedQuantity)} {measuredUnit(meter)} for{" "}
              {formatMoney(line.billedAmount)}. With what became known later it is {formatQuantity(pricedQuantity)} for{" "}
              {formatMoney(pricedAmount)}; the difference is billed here.
            </dd>
          </>
        ) : null}
        <dt>Allowance</dt>
        <dd>{allowanceWords(priced)}</dd>
        <dt>Pricing</dt>
        <dd>{modelWords(priced)}</dd>
      </dl>
      <TierTable
        charges={line.tiers}
        unroundedAmount={unroundedAmount}
        amount={pricedAmount}
        caption={`How ${meter.name} was priced`}
      />
      <p className="ml-line-rounding">{roundingWords(priced)}</p>
    </>
  );
}
