import { Instant } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";

const EVENT_CATCH_UP = graphql(`
  fragment EventCatchUp_CatchUp on StripeEventCatchUp {
    family
    readTo
    found
    foundAt
    note
    lastError
    dueAt
  }
`);

/** How far Stripe's own list of events was read, and what was found there that nobody had sent. */
export function EventCatchUp(props: { catchUps: readonly FragmentType<typeof EVENT_CATCH_UP>[] }) {
  const catchUps = readFragment(EVENT_CATCH_UP, props.catchUps);
  if (catchUps.length === 0) return null;
  return (
    <ul className="ad-rows" aria-label="Caught up from Stripe">
      {catchUps.map((one) => (
        <li className="ad-row" key={one.family}>
          <p className="ad-row-facts">
            <span>
              {one.family === "THIN" ? "Thin" : "Snapshot"} events complete up to <Instant at={one.readTo} zone />
            </span>
            <span>{one.found.toLocaleString()} caught up from Stripe</span>
            {one.foundAt === null ? null : (
              <span>
                last <Instant at={one.foundAt} />
              </span>
            )}
            {one.dueAt === null ? null : (
              <span>
                looks again at <Instant at={one.dueAt} />
              </span>
            )}
          </p>
          {one.lastError === null && one.note === null ? null : (
            <p className="ad-row-words">{one.lastError ?? one.note}</p>
          )}
        </li>
      ))}
    </ul>
  );
}
