import "./consumption.css";
import { BillPanel } from "../bill/bill-panel.tsx";
import { PeriodTile } from "../bill/period-tile.tsx";
import { PrecedingTile } from "../bill/preceding-tile.tsx";
import { TotalTile } from "../bill/total-tile.tsx";
import { eventsHref } from "../events/events-href.ts";
import { BillingLocaleProvider } from "../formats/figures.tsx";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { ProjectionTile } from "../projection/projection-tile.tsx";
import { AllowancePanel } from "../usage/allowance-panel.tsx";
import { AllowanceTile } from "../usage/allowance-tile.tsx";
import { ChangeTile } from "../usage/change-tile.tsx";
import { UsagePanel } from "../usage/usage-panel.tsx";
import { PeriodBar } from "./period-bar.tsx";

const CONSUMPTION_VIEW_CONSUMPTION = graphql(`
  fragment ConsumptionView_Consumption on Consumption {
    customer {
      id
      currency
      timeZone
    }
    completeThrough
    period {
      start
      end
    }
    ...PeriodBar_Consumption
    ...TotalTile_Consumption
    ...PeriodTile_Consumption
    ...ProjectionTile_Consumption
    ...AllowanceTile_Consumption
    ...ChangeTile_Consumption
    ...PrecedingTile_Consumption
    ...BillPanel_Consumption
    ...AllowancePanel_Consumption
    ...UsagePanel_Consumption
  }
`);

/** Heights in pixels of the blocks of this view, for the skeleton that stands in its place. */
export const CONSUMPTION_HEIGHTS: readonly number[] = [61, 179, 330, 400];

/**
 * A customer's billing period: four answers, the bill, the allowances, the days. Portal and admin both show this very
 * view, so that a customer and the staff they call look at the same figures.
 */
export function ConsumptionView(props: {
  consumption: FragmentType<typeof CONSUMPTION_VIEW_CONSUMPTION>;
  path: string;
  eventsPath: string;
}) {
  const consumption = readFragment(CONSUMPTION_VIEW_CONSUMPTION, props.consumption);
  const { customer, period, completeThrough } = consumption;
  const isCurrent = Date.parse(period.end) > Date.parse(completeThrough);
  const links = {
    days: (meterKey: string) => `${props.path}?${daysQuery({ meterKey, at: isCurrent ? null : period.start })}#usage`,
    events: (meterKey: string) => eventsHref(props.eventsPath, { meterKey, from: period.start, to: period.end }),
  };
  return (
    <BillingLocaleProvider value={customer}>
      <PeriodBar consumption={consumption} path={props.path} />
      <section className="ml-panel ml-band" aria-label="At a glance">
        <TotalTile consumption={consumption} />
        {isCurrent ? (
          <ProjectionTile consumption={consumption} customerId={customer.id} />
        ) : (
          <PeriodTile consumption={consumption} />
        )}
        <AllowanceTile consumption={consumption} />
        {isCurrent ? (
          <ChangeTile consumption={consumption} customerId={customer.id} />
        ) : (
          <PrecedingTile consumption={consumption} customerId={customer.id} />
        )}
      </section>
      <div className="ml-columns">
        <BillPanel consumption={consumption} links={links} />
        <AllowancePanel consumption={consumption} />
      </div>
      <UsagePanel consumption={consumption} customerId={customer.id} eventsPath={props.eventsPath} />
    </BillingLocaleProvider>
  );
}

/** A past period stays in view when one of its meters is chosen. */
function daysQuery({ meterKey, at }: { meterKey: string; at: string | null }): string {
  const params = new URLSearchParams(at === null ? {} : { at });
  params.set("meter", meterKey);
  return params.toString();
}
