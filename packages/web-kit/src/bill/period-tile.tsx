import { useBillingLocale } from "../formats/figures.tsx";
import { dayOfPeriod, formatBoundary } from "../formats/period.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";

const PERIOD_TILE_CONSUMPTION = graphql(`
  fragment PeriodTile_Consumption on Consumption {
    completeThrough
    period {
      start
      end
      state
    }
  }
`);

/** How far the period has run: for a period that is over, and while there is no forecast of the current one. */
export function PeriodTile(props: { consumption: FragmentType<typeof PERIOD_TILE_CONSUMPTION> }) {
  const { period, completeThrough } = readFragment(PERIOD_TILE_CONSUMPTION, props.consumption);
  const { timeZone } = useBillingLocale();
  const { day, days } = dayOfPeriod(period, Date.parse(completeThrough));
  const ends = formatBoundary(period.end, { timeZone });
  if (period.state !== "OPEN") {
    return (
      <div className="ml-tile">
        <h2 className="ml-tile-title">Period</h2>
        <p className="ml-tile-figure">{period.state === "CLOSED" ? "Closed" : "Closing"}</p>
        <p className="ml-tile-note">
          {period.state === "CLOSED" ? `Ended ${ends}` : `Ended ${ends}; late usage may still arrive`}
        </p>
      </div>
    );
  }
  return (
    <div className="ml-tile">
      <h2 className="ml-tile-title">Period</h2>
      <p className="ml-tile-figure">
        Day {day} of {days}
      </p>
      <div className="ml-ticks" aria-hidden>
        <span style={{ width: `${(day / days) * 100}%` }} />
      </div>
      <p className="ml-tile-note">Next period starts {ends}</p>
    </div>
  );
}
