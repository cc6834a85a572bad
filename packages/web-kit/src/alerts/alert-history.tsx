import "./alerts.css";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { Instant } from "../formats/figures.tsx";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { AlertHistory_AlertFragment } from "../gql/graphql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { LoadMore } from "../states/load-more.tsx";
import { KIND_NAMES, SEVERITIES } from "./alert-words.ts";
import { DeliveryRecord, deliveriesWords } from "./delivery-record.tsx";

const ALERT_HISTORY_ALERT = graphql(`
  fragment AlertHistory_Alert on LimitAlert {
    id
    kind
    severity
    title
    words
    crossedAt
    meter {
      id
      name
    }
    deliveries {
      id
      ...DeliveryRecord_Delivery
    }
  }
`);

const ALERT_HISTORY_CONNECTION = graphql(`
  fragment AlertHistory_Connection on LimitAlertConnection {
    nodes {
      id
      ...AlertHistory_Alert
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

/** Alerts a page. */
export const ALERTS_PAGE_SIZE = 25;

/** Past this many rows a filter helps more than another page. */
const MAX_ROWS = 500;

/** What a customer was warned of, latest first, each with how it was told: to whom, when, every attempt. */
export function AlertHistory(props: {
  connection: FragmentType<typeof ALERT_HISTORY_CONNECTION>;
  filtered: boolean;
  loadingMore: boolean;
  onLoadMore: (after: string) => void;
}) {
  const { nodes, pageInfo } = readFragment(ALERT_HISTORY_CONNECTION, props.connection);
  const alerts = readFragment(ALERT_HISTORY_ALERT, nodes);
  if (alerts.length === 0) {
    return props.filtered ? (
      <EmptyState title="No alert of this kind">Choose another kind to see the others.</EmptyState>
    ) : (
      <EmptyState title="No alerts yet">
        When usage comes near an allowance, a limit or a budget, or is far from usual, it is said here and stays here.
      </EmptyState>
    );
  }
  return (
    <>
      <ul className="ml-alerts">
        {alerts.map((alert) => (
          <AlertRow key={alert.id} alert={alert} />
        ))}
      </ul>
      <LoadMore
        shown={alerts.length}
        nouns={["alert", "alerts"]}
        maximum={MAX_ROWS}
        after={pageInfo.hasNextPage ? pageInfo.endCursor : null}
        loading={props.loadingMore}
        onLoadMore={props.onLoadMore}
      />
    </>
  );
}

function AlertRow({ alert }: { alert: AlertHistory_AlertFragment }) {
  const [isOpen, setOpen] = useState(false);
  const panel = useId();
  const severity = SEVERITIES[alert.severity];
  return (
    <li className="ml-alert-row" data-open={isOpen}>
      <div className="ml-alert-row-head">
        <span className="ml-tag" data-tone={severity.tone}>
          {severity.name}
        </span>
        <h3 className="ml-meter-name">{alert.title}</h3>
        <span className="ml-tag">{KIND_NAMES[alert.kind]}</span>
        <span className="ml-alert-row-at">
          <Instant at={alert.crossedAt} zone />
        </span>
      </div>
      <p className="ml-limit-words">{alert.words}</p>
      <button
        type="button"
        className="ml-alert-toggle"
        aria-expanded={isOpen}
        aria-controls={panel}
        onClick={() => setOpen(!isOpen)}
      >
        <IconChevronRight size={14} stroke={1.8} aria-hidden className="ml-line-chevron" />
        {deliveriesWords(alert.deliveries.length)}
        <span className="ml-hidden">: {alert.title}</span>
      </button>
      <div id={panel} hidden={!isOpen}>
        {isOpen ? <DeliveryRecord deliveries={alert.deliveries} /> : null}
      </div>
    </li>
  );
}
