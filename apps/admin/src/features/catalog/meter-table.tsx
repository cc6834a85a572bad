import { AGGREGATION_WORDS, Copyable, EmptyState } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { FilterOperator, MeterTable_MeterFragment } from "../../gql/graphql.ts";

const METER_TABLE_METER = graphql(`
  fragment MeterTable_Meter on Meter {
    id
    key
    name
    unit
    aggregation
    valueProperty
    groupBy
    filters {
      property
      operator
      values
    }
    allowNegative
    requiresSubscription
    carryOver
  }
`);

const OPERATORS: Record<FilterOperator, string> = { IN: "is", NOT_IN: "is not", EXISTS: "is there" };

/** Meters with their rules in words. */
export function MeterTable(props: { meters: readonly FragmentType<typeof METER_TABLE_METER>[] }) {
  const meters = readFragment(METER_TABLE_METER, props.meters);
  if (meters.length === 0) {
    return (
      <section className="ml-panel">
        <EmptyState title="No meters yet">Apply a catalog file: npm run catalog -- apply</EmptyState>
      </section>
    );
  }
  return (
    <section className="ml-panel ml-scroll" tabIndex={0} aria-label="Meters">
      <table className="ml-table">
        <caption className="ml-hidden">Meters</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Unit</th>
            <th scope="col">Measured as</th>
            <th scope="col">Group by</th>
            <th scope="col">Counts only</th>
            <th scope="col">Rules</th>
          </tr>
        </thead>
        <tbody>
          {meters.map((meter) => (
            <tr key={meter.id}>
              <th scope="row">{meter.name}</th>
              <td>
                <Copyable value={meter.key} label={`key of ${meter.name}`} />
              </td>
              <td className="ml-figure">{meter.unit}</td>
              <td>
                {AGGREGATION_WORDS[meter.aggregation]}
                {meter.valueProperty === null ? null : (
                  <>
                    {" "}
                    of <span className="ml-mono">{meter.valueProperty}</span>
                  </>
                )}
              </td>
              <td>{meter.groupBy.length === 0 ? "–" : meter.groupBy.join(", ")}</td>
              <td>{meter.filters.length === 0 ? "–" : meter.filters.map(filterWords).join("; ")}</td>
              <td>{ruleWords(meter).join(", ") || "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function filterWords(filter: MeterTable_MeterFragment["filters"][number]): string {
  return [filter.property, OPERATORS[filter.operator], filter.values.join(" or ")].join(" ").trim();
}

function ruleWords(meter: MeterTable_MeterFragment): string[] {
  const words: string[] = [];
  if (meter.allowNegative) words.push("negative quantities allowed");
  if (meter.requiresSubscription) words.push("needs a subscription");
  if (meter.carryOver) words.push("level carries over");
  return words;
}
