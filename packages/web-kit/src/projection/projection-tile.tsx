import { useQuery } from "@apollo/client/react";
import { Skeleton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { PeriodTile } from "../bill/period-tile.tsx";
import { Money, useBillingLocale } from "../formats/figures.tsx";
import { dayOfPeriod, formatBoundary } from "../formats/period.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { ProjectionQueryQuery } from "../gql/graphql.ts";
import { useThrottled } from "../live/use-throttled.ts";

const PROJECTION_TILE_CONSUMPTION = graphql(`
  fragment ProjectionTile_Consumption on Consumption {
    completeThrough
    period {
      start
      end
    }
    ...PeriodTile_Consumption
  }
`);

const PROJECTION_QUERY = graphql(`
  query ProjectionQuery($customerId: ID!) {
    projection(customerId: $customerId) {
      low {
        amountMinor
        currency
      }
      expected {
        amountMinor
        currency
      }
      high {
        amountMinor
        currency
      }
      words
      lines {
        meterKey
        basis
        crossings {
          words
          crossing {
            expected
          }
        }
      }
    }
  }
`);

/** How often at most it is forecast anew while usage comes in. */
const FORECAST_EVERY_MS = 30_000;

/** The bill at the end of the period as it is expected, with its band; and what would be crossed first. */
export function ProjectionTile(props: {
  consumption: FragmentType<typeof PROJECTION_TILE_CONSUMPTION>;
  customerId: string;
}) {
  const consumption = readFragment(PROJECTION_TILE_CONSUMPTION, props.consumption);
  const { data, error, refetch } = useQuery(PROJECTION_QUERY, { variables: { customerId: props.customerId } });
  const settled = useThrottled(consumption.completeThrough, FORECAST_EVERY_MS);
  const forecastFor = useRef(settled);
  useEffect(() => {
    // The first forecast was asked for with the page; a failed one leaves the last on screen.
    if (forecastFor.current === settled) return;
    forecastFor.current = settled;
    refetch().catch(() => undefined);
  }, [settled, refetch]);
  // Without a forecast the tile states what is certain: the calendar.
  if (error !== undefined && data === undefined) return <PeriodTile consumption={consumption} />;
  return (
    <div className="ml-tile">
      <h2 className="ml-tile-title">Projected bill</h2>
      <div className="ml-tile-expected">
        {data === undefined ? (
          <Skeleton height={25} width={120} radius="sm" aria-label="Loading" />
        ) : (
          <Expected projection={data.projection} />
        )}
      </div>
      <PeriodProgress period={consumption.period} completeThrough={consumption.completeThrough} />
    </div>
  );
}

function Expected({ projection }: { projection: ProjectionQueryQuery["projection"] }) {
  const { low, expected, high, words } = projection;
  const certain = low.amountMinor === high.amountMinor;
  return (
    <>
      <p className="ml-tile-figure" title={words} data-testid="projected-bill">
        {certain ? "" : "about "}
        <Money value={expected} />
      </p>
      <p className="ml-tile-note">
        {certain ? (
          "Nothing more is expected to be used"
        ) : (
          <>
            <Money value={low} /> to <Money value={high} />, four times of five
          </>
        )}
        <span className="ml-hidden">. {words}</span>
      </p>
    </>
  );
}

function PeriodProgress(props: { period: { start: string; end: string }; completeThrough: string }) {
  const { timeZone } = useBillingLocale();
  const { day, days } = dayOfPeriod(props.period, Date.parse(props.completeThrough));
  return (
    <>
      <div className="ml-ticks" aria-hidden>
        <span style={{ width: `${(day / days) * 100}%` }} />
      </div>
      <p className="ml-tile-note">
        Day {day} of {days}, ends {formatBoundary(props.period.end, { timeZone })}
      </p>
    </>
  );
}
