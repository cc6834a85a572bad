import { useBillingLocale } from "../formats/figures.tsx";
import { formatBoundary } from "../formats/period.ts";
import { formatQuantity } from "../formats/quantity.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { allowanceStanding, leftWords, tightestLine } from "./allowance-words.ts";

const ALLOWANCE_TILE_CONSUMPTION = graphql(`
  fragment AllowanceTile_Consumption on Consumption {
    period {
      end
      state
    }
    lines {
      meterKey
      quantity
      hasValue
      includedQuantity
      billableQuantity
      remainingQuantity
      meter {
        id
        name
        unit
        aggregation
      }
    }
  }
`);

/** Allowance left and until when, for the meter nearest its end; the others stand in the allowance panel. */
export function AllowanceTile(props: { consumption: FragmentType<typeof ALLOWANCE_TILE_CONSUMPTION> }) {
  const { period, lines } = readFragment(ALLOWANCE_TILE_CONSUMPTION, props.consumption);
  const { timeZone } = useBillingLocale();
  const line = tightestLine(lines);
  const boundary = formatBoundary(period.end, { timeZone });
  if (line === null) {
    return (
      <div className="ml-tile">
        <h2 className="ml-tile-title">Allowance</h2>
        <p className="ml-tile-figure">None</p>
        <p className="ml-tile-note">No units are included in this period.</p>
      </div>
    );
  }
  const beyond = allowanceStanding(line) === "BEYOND";
  const until = period.state === "OPEN" ? `, resets ${boundary}` : "";
  return (
    <div className="ml-tile">
      <h2 className="ml-tile-title">{beyond ? "Allowance used up" : "Allowance left"}</h2>
      <p className="ml-tile-figure" data-tone={beyond ? "warn" : undefined}>
        {leftWords(line)}
      </p>
      <p className="ml-tile-note">
        {line.meter.name}: {formatQuantity(line.includedQuantity)} included
        {until}
      </p>
    </div>
  );
}
