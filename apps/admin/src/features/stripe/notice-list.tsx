import { useMutation } from "@apollo/client/react";
import { ConfirmButton, EmptyState, Instant } from "@meterline/web-kit";
import { Link } from "react-router";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { NoticeList_NoticeFragment } from "../../gql/graphql.ts";
import { kindWords } from "./stripe-words.ts";

const NOTICE_LIST_NOTICE = graphql(`
  fragment NoticeList_Notice on StripeNotice {
    id
    kind
    message
    objectId
    customerId
    seenCount
    firstAt
    lastAt
  }
`);

const RESOLVE_NOTICE = graphql(`
  mutation ResolveNoticeMutation($id: ID!) {
    resolveStripeNotice(id: $id)
  }
`);

/** What somebody did at Stripe that Meterline did not: each stays until staff have dealt with it. */
export function NoticeList(props: {
  notices: readonly FragmentType<typeof NOTICE_LIST_NOTICE>[];
  onChanged: () => void;
}) {
  const notices = readFragment(NOTICE_LIST_NOTICE, props.notices);
  return (
    <section className="ml-panel" aria-labelledby="notices-title">
      <div className="ml-panel-head">
        <h2 id="notices-title" className="ml-panel-title">
          Done at Stripe, not here
        </h2>
      </div>
      {notices.length === 0 ? (
        <EmptyState title="Nothing open">
          A customer deleted, a meter archived or a price changed in Stripe's dashboard is said here.
        </EmptyState>
      ) : (
        <ul className="ad-rows">
          {notices.map((notice) => (
            <NoticeRow key={notice.id} notice={notice} onChanged={props.onChanged} />
          ))}
        </ul>
      )}
    </section>
  );
}

function NoticeRow({ notice, onChanged }: { notice: NoticeList_NoticeFragment; onChanged: () => void }) {
  const [resolve, { loading, error }] = useMutation(RESOLVE_NOTICE, { variables: { id: notice.id } });
  return (
    <li className="ad-row">
      <div className="ad-row-head">
        <h3>{kindWords(notice.kind)}</h3>
        <Instant at={notice.lastAt} zone />
        <span className="ad-row-end">
          <ConfirmButton
            label="Dealt with"
            confirmLabel="Close it"
            about={`${kindWords(notice.kind)} of ${notice.objectId}`}
            loading={loading}
            error={error}
            onConfirm={() => resolve().then(onChanged)}
          />
        </span>
      </div>
      <p className="ad-row-words">{notice.message}</p>
      <p className="ad-row-facts">
        <span className="ml-mono">{notice.objectId}</span>
        {notice.customerId === null ? null : (
          <Link className="ml-link" to={`/customers/${notice.customerId}/stripe`}>
            Customer
          </Link>
        )}
        {notice.seenCount === 1 ? null : <span>seen {notice.seenCount} times</span>}
      </p>
    </li>
  );
}
