import { useMutation } from "@apollo/client/react";
import { ConfirmButton, EmptyState, Instant, LoadMore, Money, Quantity } from "@meterline/web-kit";
import { Link } from "react-router";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { Discrepancy_DiscrepancyFragment } from "../../gql/graphql.ts";
import { discrepancyWords } from "./discrepancy-words.ts";
import { SettleLateUsage } from "./settle-late-usage.tsx";
import { StateTag } from "./state-tag.tsx";
import { DISCREPANCY_STATES } from "./stripe-words.ts";

const DISCREPANCY = graphql(`
  fragment Discrepancy_Discrepancy on Discrepancy {
    id
    kind
    state
    subject
    message
    customerId
    meterKey
    periodStart
    expectedUnits
    actualUnits
    units
    amount {
      amountMinor
      currency
    }
    stripeId
    statementId
    foundAt
    seenAt
    settledAt
    settledBy
    reason
  }
`);

const DISCREPANCY_LIST_CONNECTION = graphql(`
  fragment DiscrepancyList_Connection on DiscrepancyConnection {
    nodes {
      id
      ...Discrepancy_Discrepancy
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

const REPAIR = graphql(`
  mutation RepairDiscrepancyMutation($id: ID!) {
    repairDiscrepancy(id: $id) {
      id
    }
  }
`);

const RESOLVE = graphql(`
  mutation ResolveDiscrepancyMutation($id: ID!, $reason: String!) {
    resolveDiscrepancy(id: $id, reason: $reason) {
      id
      state
    }
  }
`);

/** Discrepancies a page. */
export const DISCREPANCIES_PAGE_SIZE = 50;
const MAX_ROWS = 1_000;

/** Two numbers of one thing that are not the same: how far apart, in units and cents, and what to do. */
export function DiscrepancyList(props: {
  connection: FragmentType<typeof DISCREPANCY_LIST_CONNECTION>;
  /** Whether there was a run: without one nothing is known. */
  wasCompared: boolean;
  loadingMore: boolean;
  onLoadMore: (after: string) => void;
  onChanged: () => void;
}) {
  const { nodes, pageInfo } = readFragment(DISCREPANCY_LIST_CONNECTION, props.connection);
  const discrepancies = readFragment(DISCREPANCY, nodes);
  if (discrepancies.length === 0) {
    return props.wasCompared ? (
      <EmptyState title="Every number agrees">
        Events, rollups, totals, reports, and Stripe's summaries, previews and invoices were compared, to the unit and
        the cent.
      </EmptyState>
    ) : (
      <EmptyState title="Nothing was compared yet">Start a run, or wait for the nightly one.</EmptyState>
    );
  }
  return (
    <>
      <ul className="ad-rows">
        {discrepancies.map((one) => (
          <DiscrepancyRow key={one.id} discrepancy={one} onChanged={props.onChanged} />
        ))}
      </ul>
      <LoadMore
        shown={discrepancies.length}
        nouns={["discrepancy", "discrepancies"]}
        maximum={MAX_ROWS}
        after={pageInfo.hasNextPage ? pageInfo.endCursor : null}
        loading={props.loadingMore}
        onLoadMore={props.onLoadMore}
      />
    </>
  );
}

function DiscrepancyRow(props: { discrepancy: Discrepancy_DiscrepancyFragment; onChanged: () => void }) {
  const one = props.discrepancy;
  return (
    <li className="ad-row">
      <div className="ad-row-head">
        <StateTag words={DISCREPANCY_STATES[one.state]} />
        <h3>{discrepancyWords(one.kind)}</h3>
        {one.units === null ? null : (
          <span>
            <Quantity value={one.units} /> {one.units === "1" || one.units === "-1" ? "unit" : "units"}
          </span>
        )}
        {one.amount === null ? null : <Money value={one.amount} signed />}
        <span className="ad-row-end">{one.settledAt === null ? <Actions {...props} /> : null}</span>
      </div>
      <p className="ad-row-words">{one.message}</p>
      <p className="ad-row-facts">
        <Link className="ml-link" to={`/customers/${one.customerId}/stripe`}>
          Customer
        </Link>
        {one.meterKey === null ? null : <span>{one.meterKey}</span>}
        {one.periodStart === null ? null : (
          <span>
            period from <Instant at={one.periodStart} detail="day" />
          </span>
        )}
        {one.expectedUnits === null || one.actualUnits === null ? null : (
          <span>
            expected <Quantity value={one.expectedUnits} />, found <Quantity value={one.actualUnits} />
          </span>
        )}
        {one.stripeId === null ? null : <span className="ml-mono">{one.stripeId}</span>}
        <span>
          found <Instant at={one.foundAt} />, last seen <Instant at={one.seenAt} />
        </span>
        {one.settledAt === null ? null : (
          <span>
            settled <Instant at={one.settledAt} /> by {one.settledBy ?? "a run"}
            {one.reason === null ? null : `: ${one.reason}`}
          </span>
        )}
      </p>
    </li>
  );
}

function Actions(props: { discrepancy: Discrepancy_DiscrepancyFragment; onChanged: () => void }) {
  const { discrepancy, onChanged } = props;
  const [repair, repairing] = useMutation(REPAIR, { variables: { id: discrepancy.id } });
  const [resolve, resolving] = useMutation(RESOLVE);
  const what = `${discrepancyWords(discrepancy.kind)}, ${discrepancy.subject}`;
  return (
    <>
      {discrepancy.kind === "LATE_USAGE" ? (
        <SettleLateUsage customerId={discrepancy.customerId} about={what} onSettled={onChanged} />
      ) : null}
      <ConfirmButton
        label="Look again"
        confirmLabel="Compare and repair what is safe"
        about={what}
        loading={repairing.loading}
        error={repairing.error}
        onConfirm={() => repair().then(onChanged)}
      />
      <ConfirmButton
        label="Resolve"
        confirmLabel="Resolve"
        about={what}
        reasonLabel="Why it is settled"
        loading={resolving.loading}
        error={resolving.error}
        onConfirm={(reason) => resolve({ variables: { id: discrepancy.id, reason } }).then(onChanged)}
      />
    </>
  );
}
