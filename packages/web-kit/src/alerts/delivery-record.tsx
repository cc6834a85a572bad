import { Instant } from "../formats/figures.tsx";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { DeliveryRecord_DeliveryFragment } from "../gql/graphql.ts";
import { CHANNEL_NAMES, DELIVERY_STATES, OUTCOME_NAMES } from "./alert-words.ts";

const DELIVERY_RECORD_DELIVERY = graphql(`
  fragment DeliveryRecord_Delivery on AlertDelivery {
    id
    title
    channel
    target
    state
    reason
    queuedAt
    nextAttemptAt
    sentAt
    answeredAt
    attempts {
      number
      sentAt
      answeredAt
      outcome
      status
      message
    }
  }
`);

/** How an alert was told, or a message of a webhook's test was sent: each way with its state and every attempt. */
export function DeliveryRecord(props: {
  deliveries: readonly FragmentType<typeof DELIVERY_RECORD_DELIVERY>[];
  /** Headed by what was told instead of by whom: for the log of one address. */
  byTitle?: boolean;
}) {
  const deliveries = readFragment(DELIVERY_RECORD_DELIVERY, props.deliveries);
  if (deliveries.length === 0) return <p className="ml-page-note">It is being prepared; look again in a moment.</p>;
  return (
    <ul className="ml-deliveries" aria-label="How it was told">
      {deliveries.map((delivery) => (
        <li key={delivery.id} className="ml-delivery">
          <div className="ml-delivery-head">
            <strong>{props.byTitle ? delivery.title : CHANNEL_NAMES[delivery.channel]}</strong>
            {props.byTitle || delivery.target === "" ? null : (
              <span className="ml-delivery-target">{delivery.target}</span>
            )}
            <span className="ml-tag" data-tone={DELIVERY_STATES[delivery.state].tone}>
              {DELIVERY_STATES[delivery.state].name}
            </span>
          </div>
          <p className="ml-delivery-when">
            Queued <Instant at={delivery.queuedAt} detail="second" />
            {delivery.nextAttemptAt === null ? null : (
              <>
                , tried next <Instant at={delivery.nextAttemptAt} detail="second" />
              </>
            )}
            {delivery.reason === null ? "" : `. ${delivery.reason}`}
          </p>
          <Attempts delivery={delivery} />
        </li>
      ))}
    </ul>
  );
}

function Attempts({ delivery: { attempts } }: { delivery: DeliveryRecord_DeliveryFragment }) {
  if (attempts.length === 0) return null;
  return (
    <ol className="ml-attempts">
      {attempts.map((attempt) => (
        <li key={attempt.number}>
          Attempt {attempt.number}, sent <Instant at={attempt.sentAt} detail="second" />
          {attempt.answeredAt === null ? null : (
            <>
              , answered <Instant at={attempt.answeredAt} detail="second" />
            </>
          )}
          : {attempt.outcome === null ? "under way" : OUTCOME_NAMES[attempt.outcome]}
          {attempt.status === null ? "" : ` (${attempt.status})`}
          {attempt.message === null || saysTheStatusAlone(attempt) ? "" : `. ${attempt.message}`}
        </li>
      ))}
    </ol>
  );
}

/** The status stands there already. */
function saysTheStatusAlone({ message, status }: { message: string | null; status: number | null }): boolean {
  return message === `Answered ${status}.`;
}

/** "Told in 3 ways". */
export function deliveriesWords(count: number): string {
  if (count === 0) return "How it was told";
  return count === 1 ? "Told in one way" : `Told in ${count} ways`;
}
