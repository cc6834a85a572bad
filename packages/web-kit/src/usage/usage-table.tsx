import { Link } from "react-router";
import { Instant, Quantity } from "../formats/figures.tsx";
import { formatQuantity } from "../formats/quantity.ts";
import type { SeriesRow } from "./series-view.ts";

/** The same rows as the chart, in figures. Windows that have not begun are left out: they have no figure. */
export function UsageTable(props: {
  rows: readonly SeriesRow[];
  groupNames: readonly string[];
  /** The aggregate of each group over the whole period, as the API states it. */
  groupTotals: readonly (string | null)[];
  unit: string;
  total: string | null;
  caption: string;
  eventsHref: (window: { from: string; to: string }) => string;
}) {
  const { rows, groupNames, groupTotals, unit, total, caption, eventsHref } = props;
  const known = rows.filter((row) => row.standing !== "AHEAD");
  return (
    <section className="ml-scroll ml-usage-table" tabIndex={0} aria-label={caption}>
      <table className="ml-table">
        <caption className="ml-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" className="ml-right">
              Quantity, {unit}
            </th>
            {groupNames.map((name) => (
              <th key={name} scope="col" className="ml-right">
                {name}
              </th>
            ))}
            <th scope="col" className="ml-right">
              Events
            </th>
          </tr>
        </thead>
        <tbody>
          {known.map((row) => (
            <tr key={row.start}>
              <th scope="row">
                <Instant at={row.start} detail="weekday" />
                {row.standing === "SO_FAR" ? <span className="ml-unit"> so far</span> : null}
              </th>
              <td className="ml-right">{row.quantity === null ? "No value" : <Quantity value={row.quantity} />}</td>
              {row.groups.map((quantity, index) => (
                <td key={groupNames[index]} className="ml-right">
                  {quantity === null ? "–" : <Quantity value={quantity} />}
                </td>
              ))}
              <td className="ml-right">
                {row.eventCount === 0 ? (
                  "0"
                ) : (
                  <Link className="ml-link ml-figure" to={eventsHref({ from: row.start, to: row.end })}>
                    {formatQuantity(String(row.eventCount))}
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Whole period</th>
            <td className="ml-right">{total === null ? "No value" : <Quantity value={total} />}</td>
            {groupTotals.map((groupTotal, index) => (
              <td key={groupNames[index]} className="ml-right">
                {groupTotal === null ? "–" : <Quantity value={groupTotal} />}
              </td>
            ))}
            <td className="ml-right">–</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
