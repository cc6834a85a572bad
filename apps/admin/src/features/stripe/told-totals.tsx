import { EmptyState, formatQuantity, Instant, Quantity } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { ToldTotals_TotalFragment } from "../../gql/graphql.ts";

const TOLD_TOTALS_TOTAL = graphql(`
  fragment ToldTotals_Total on ToldTotal {
    meterKey
    channel
    ours
    planned
    told
    confirmed
    pending
    uncertain
    dead
    untold
    refusal
    lastAcceptedAt
  }
`);

/** What Stripe was told of a billing period, meter by meter, beside our own totals. */
export function ToldTotals(props: { totals: readonly FragmentType<typeof TOLD_TOTALS_TOTAL>[] }) {
  const totals = readFragment(TOLD_TOTALS_TOTAL, props.totals);
  if (totals.length === 0) {
    return <EmptyState title="Nothing to tell yet">The first report follows the first usage of the period.</EmptyState>;
  }
  return (
    <section className="ml-scroll" tabIndex={0} aria-label="Told totals">
      <table className="ml-table">
        <caption className="ml-hidden">What Stripe was told of each meter, beside our totals</caption>
        <thead>
          <tr>
            <th scope="col">Meter</th>
            <th scope="col" className="ml-right">
              Ours
            </th>
            <th scope="col" className="ml-right">
              Told
            </th>
            <th scope="col" className="ml-right">
              Confirmed
            </th>
            <th scope="col">Standing</th>
          </tr>
        </thead>
        <tbody>
          {totals.map((total) => (
            <tr key={`${total.meterKey} ${total.channel}`}>
              <th scope="row">
                {total.meterKey}
                {total.channel === "RECORDS" ? <span className="ml-tag">usage records</span> : null}
              </th>
              <td className="ml-right">{total.ours === null ? "–" : <Quantity value={total.ours} />}</td>
              <td className="ml-right">
                <Quantity value={total.told} />
              </td>
              <td className="ml-right">
                <Quantity value={total.confirmed} />
              </td>
              <td className="ad-wrap">
                <Standing total={total} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Standing({ total }: { total: ToldTotals_TotalFragment }) {
  const notes = [
    total.pending === 0 ? null : `${total.pending} on the way`,
    total.uncertain === 0 ? null : `${total.uncertain} in doubt`,
    total.dead === 0 ? null : `${total.dead} dead ${total.dead === 1 ? "letter" : "letters"}`,
    total.refusal === null ? null : `cannot be told: ${total.refusal === "TOO_OLD" ? "too old" : "too large"}`,
  ].filter((note) => note !== null);
  if (notes.length > 0) {
    return (
      <span className="ml-tag" data-tone={total.dead > 0 || total.refusal !== null ? "bad" : "warn"}>
        {notes.join(", ")}
      </span>
    );
  }
  // What grows with time, or came in just now, is ahead of what was told until the next report.
  const inFull = total.ours === null || formatQuantity(total.ours) === formatQuantity(total.told);
  return (
    <>
      <span className="ml-tag" data-tone={inFull ? "accent" : undefined}>
        {inFull ? "Told in full" : total.lastAcceptedAt === null ? "Not told yet" : "More since"}
      </span>{" "}
      {total.lastAcceptedAt === null ? null : <Instant at={total.lastAcceptedAt} />}
    </>
  );
}
