import "./statements.css";
import "../bill/bill.css";
import { Button } from "@mantine/core";
import { useQuery } from "@apollo/client/react";
import { IconPrinter } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { eventsHref } from "../events/events-href.ts";
import { CurrencyCode, Instant, Money, useBillingLocale } from "../formats/figures.tsx";
import { formatPeriod } from "../formats/period.ts";
import { graphql } from "../gql/gql.ts";
import type { StatementViewQueryQuery } from "../gql/graphql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { ErrorState } from "../states/error-state.tsx";
import { PageSkeleton } from "../states/skeletons.tsx";
import { InvoiceLinks } from "./invoice-links.tsx";
import { StatementLine } from "./statement-line.tsx";
import { paymentWords, STATEMENT_KINDS, STATEMENT_STATES } from "./statement-words.ts";

const STATEMENT_VIEW_QUERY = graphql(`
  query StatementViewQuery($id: ID!) {
    statement(id: $id) {
      id
      kind
      state
      periodStart
      periodEnd
      issuedAt
      finalAt
      acceptedReason
      total {
        amountMinor
        currency
      }
      invoice {
        stripeInvoiceId
        number
        hostedUrl
        pdfUrl
        status
        paymentFailed
        amountDue {
          amountMinor
          currency
        }
        amountPaid {
          amountMinor
          currency
        }
      }
      lines {
        key
        ...StatementLine_Line
      }
    }
  }
`);

type Statement = NonNullable<StatementViewQueryQuery["statement"]>;

/**
 * One statement, as it was charged: each line opens to how it was priced, and all of them are open on paper. `name` is who
 * it is for; `below` is what an app adds under it.
 */
export function StatementView(props: {
  id: string;
  name: string;
  listPath: string;
  eventsPath: string;
  below?: (statement: Statement, refetch: () => void) => ReactNode;
}) {
  const { data, error, refetch } = useQuery(STATEMENT_VIEW_QUERY, {
    variables: { id: props.id },
    fetchPolicy: "cache-and-network",
  });
  const { timeZone } = useBillingLocale();
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[120, 420]} label="Loading statement" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  const { statement } = data;
  if (statement === null) {
    return (
      <EmptyState
        title="No such statement"
        action={
          <Link className="ml-link" to={props.listPath}>
            All statements
          </Link>
        }
      >
        There is none with the id in this address.
      </EmptyState>
    );
  }
  const period = { start: statement.periodStart, end: statement.periodEnd };
  const links = {
    events: (meterKey: string, window: { start: string; end: string }) =>
      eventsHref(props.eventsPath, { meterKey, from: window.start, to: window.end }),
  };
  return (
    <div className="ml-statement">
      <p className="ml-statement-back">
        <Link className="ml-link" to={props.listPath}>
          All statements
        </Link>
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconPrinter size={16} stroke={1.8} aria-hidden />}
          onClick={() => window.print()}
        >
          Print
        </Button>
      </p>
      <StatementHead statement={statement} name={props.name} period={formatPeriod(period, { timeZone })} />
      <section className="ml-panel" aria-labelledby="statement-lines">
        <div className="ml-panel-head">
          <h2 id="statement-lines" className="ml-panel-title">
            What is charged
          </h2>
          <p className="ml-panel-note">Times in {timeZone}</p>
        </div>
        <ul className="ml-lines">
          {statement.lines.length === 0 ? <li className="ml-plain-line">Nothing is charged.</li> : null}
          {statement.lines.map((line) => (
            <StatementLine key={line.key} line={line} period={period} links={links} />
          ))}
          <li className="ml-plain-line ml-total-line">
            <span>Total</span>
            <span data-testid="statement-total">
              <Money value={statement.total} />
              <CurrencyCode beside={statement.total} />
            </span>
          </li>
        </ul>
      </section>
      {props.below?.(statement, () => void refetch())}
    </div>
  );
}

function StatementHead({ statement, name, period }: { statement: Statement; name: string; period: string }) {
  const { invoice } = statement;
  const state = STATEMENT_STATES[statement.state];
  return (
    <section className="ml-panel ml-statement-head" aria-labelledby="statement-title">
      <div>
        <h2 id="statement-title" className="ml-statement-title">
          Statement for {period}
        </h2>
        <p className="ml-panel-note">
          {name} · {STATEMENT_KINDS[statement.kind]} ·{" "}
          <span className="ml-tag" data-tone={state.tone}>
            {state.word}
          </span>
        </p>
      </div>
      <dl className="ml-statement-facts">
        <dt>Issued</dt>
        <dd>
          <Instant at={statement.issuedAt} zone />
        </dd>
        <dt>Invoice</dt>
        <dd>{invoice === null ? "Not billed through Stripe" : (invoice.number ?? "On its way")}</dd>
        {invoice === null ? null : (
          <>
            <dt>Payment</dt>
            <dd>
              {paymentWords(invoice.status, invoice.paymentFailed)}
              {invoice.amountDue !== null && invoice.status === "open" ? (
                <>
                  , <Money value={invoice.amountDue} /> due
                </>
              ) : null}
            </dd>
          </>
        )}
        {statement.acceptedReason === null ? null : (
          <>
            <dt>Note</dt>
            <dd>{statement.acceptedReason}</dd>
          </>
        )}
      </dl>
      {invoice === null ? null : <InvoiceLinks statementId={statement.id} kept={invoice} />}
    </section>
  );
}
