import "./usage.css";
import { Quantity, useBillingLocale } from "../formats/figures.tsx";
import { formatBoundary } from "../formats/period.ts";
import { measuredUnit } from "../formats/unit.ts";
import { formatPercent, percentOf } from "../formats/quantity.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { AllowanceBar } from "./allowance-bar.tsx";
import { allowanceStanding, leftWords } from "./allowance-words.ts";
import { LimitTag } from "./limit-tag.tsx";

const ALLOWANCE_PANEL_CONSUMPTION = graphql(`
  fragment AllowancePanel_Consumption on Consumption {
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
      limit {
        ...LimitTag_Limit
      }
    }
  }
`);

/** Each meter's usage against its allowance, with the numbers beside the bar. */
export function AllowancePanel(props: { consumption: FragmentType<typeof ALLOWANCE_PANEL_CONSUMPTION> }) {
  const { period, lines } = readFragment(ALLOWANCE_PANEL_CONSUMPTION, props.consumption);
  const { timeZone } = useBillingLocale();
  return (
    <section className="ml-panel" aria-labelledby="allowance-title">
      <div className="ml-panel-head">
        <h2 id="allowance-title" className="ml-panel-title">
          Usage and allowance
        </h2>
        {period.state === "OPEN" && lines.length > 0 ? (
          <p className="ml-panel-note">Resets {formatBoundary(period.end, { timeZone })}</p>
        ) : null}
      </div>
      {lines.length === 0 ? (
        <EmptyState title="No meters yet">Meters appear here when the plan prices them or usage arrives.</EmptyState>
      ) : (
        <ul className="ml-meters">
          {lines.map((line) => {
            const standing = allowanceStanding(line);
            const percent = percentOf(line.quantity, line.includedQuantity);
            return (
              <li key={line.meterKey} className="ml-meter">
                <div className="ml-meter-row">
                  <h3 className="ml-meter-name">{line.meter.name}</h3>
                  {line.limit === null ? null : <LimitTag limit={line.limit} />}
                  <span className="ml-meter-used">
                    {line.hasValue ? <Quantity value={line.quantity} unit={measuredUnit(line.meter)} /> : "No value"}
                  </span>
                </div>
                {standing === "NONE" ? null : (
                  <AllowanceBar
                    label={`${line.meter.name}: ${formatPercent(percent)} of the allowance used`}
                    percent={percent}
                    standing={standing}
                  />
                )}
                <div className="ml-meter-row ml-meter-foot">
                  {standing === "NONE" ? (
                    <span>Nothing included; all of it is billed</span>
                  ) : (
                    <>
                      <span>
                        {formatPercent(percent)} of <Quantity value={line.includedQuantity} /> included
                      </span>
                      <span data-standing={standing}>{leftWords(line)}</span>
                    </>
                  )}
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
