import "./statements.css";
import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { Link } from "react-router";
import { CurrencyCode, Instant, Money, useBillingLocale } from "../formats/figures.tsx";
import { formatPeriod } from "../formats/period.ts";
import { graphql } from "../gql/gql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { ErrorState } from "../states/error-state.tsx";
import { LoadMore } from "../states/load-more.tsx";
import { PageSkeleton } from "../states/skeletons.tsx";
import { paymentWords, STATEMENT_KINDS, STATEMENT_STATES } from "./statement-words.ts";

const STATEMENT_LIST_QUERY = graphql(`
  query StatementListQuery($customerId: ID!, $first: Int!, $after: String) {
    statements(customerId: $customerId, first: $first, after: $after) {
      nodes {
        id
        kind
        state
        periodStart
        periodEnd
        issuedAt
        total {
          amountMinor
          currency
        }
        invoice {
          number
          status
          paymentFailed
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** Two years of months. */
const PAGE_SIZE = 24;
const MAX_ROWS = 480;

/** A customer's statements, latest first; a page of both apps. `path` is where one of them is shown, by its id. */
export function StatementList({ customerId, path }: { customerId: string; path: string }) {
  const { timeZone } = useBillingLocale();
  const { data, error, refetch, fetchMore, networkStatus } = useQuery(STATEMENT_LIST_QUERY, {
    variables: { customerId, first: PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
  });
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[420]} label="Loading statements" />
    ) : (
      <section className="ml-panel" aria-label="Statements">
        <ErrorState error={error} onRetry={() => void refetch()} />
      </section>
    );
  }
  const { nodes, pageInfo } = data.statements;
  if (nodes.length === 0) {
    return (
      <section className="ml-panel" aria-label="Statements">
        <EmptyState title="No statements yet">
          With a plan, the first one appears about an hour after a billing period ends.
        </EmptyState>
      </section>
    );
  }
  return (
    <section className="ml-panel" aria-label="Statements">
      <div className="ml-scroll">
        <table className="ml-table ml-statements">
          <caption className="ml-hidden">Statements</caption>
          <thead>
            <tr>
              <th scope="col">Statement</th>
              <th scope="col">Issued</th>
              <th scope="col">Invoice</th>
              <th scope="col">State</th>
              <th scope="col" className="ml-right">
                Total
              </th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((statement) => {
              const { invoice } = statement;
              const state = STATEMENT_STATES[statement.state];
              return (
                <tr key={statement.id}>
                  <th scope="row">
                    <Link className="ml-link" to={`${path}/${statement.id}`}>
                      {formatPeriod({ start: statement.periodStart, end: statement.periodEnd }, { timeZone })}
                    </Link>
                    <span className="ml-statement-kind">{STATEMENT_KINDS[statement.kind]}</span>
                  </th>
                  <td>
                    <Instant at={statement.issuedAt} detail="day" />
                  </td>
                  <td>
                    {invoice === null
                      ? "None"
                      : `${invoice.number ?? "No number yet"}, ${paymentWords(invoice.status, invoice.paymentFailed).toLowerCase()}`}
                  </td>
                  <td>
                    <span className="ml-tag" data-tone={state.tone}>
                      {state.word}
                    </span>
                  </td>
                  <td className="ml-right">
                    <Money value={statement.total} />
                    <CurrencyCode beside={statement.total} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <LoadMore
        shown={nodes.length}
        nouns={["statement", "statements"]}
        maximum={MAX_ROWS}
        after={pageInfo.hasNextPage ? pageInfo.endCursor : null}
        loading={networkStatus === NetworkStatus.fetchMore}
        onLoadMore={(after) => void fetchMore({ variables: { after } }).catch(() => undefined)}
      />
    </section>
  );
}
