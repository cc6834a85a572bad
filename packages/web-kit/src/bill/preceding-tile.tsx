import { useQuery } from "@apollo/client/react";
import { Skeleton } from "@mantine/core";
import { CurrencyCode, Money, useBillingLocale } from "../formats/figures.tsx";
import { formatPeriod, instantBefore } from "../formats/period.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";

const PRECEDING_TILE_CONSUMPTION = graphql(`
  fragment PrecedingTile_Consumption on Consumption {
    period {
      start
    }
  }
`);

const PRECEDING_PERIOD_QUERY = graphql(`
  query PrecedingPeriodQuery($customerId: ID!, $at: DateTime!) {
    consumption(customerId: $customerId, at: $at) {
      period {
        start
        end
      }
      total {
        amountMinor
        currency
      }
    }
  }
`);

/** Beside a past bill: the bill of the period before it. Both are stated; no difference is worked out here. */
export function PrecedingTile(props: {
  consumption: FragmentType<typeof PRECEDING_TILE_CONSUMPTION>;
  customerId: string;
}) {
  const { period } = readFragment(PRECEDING_TILE_CONSUMPTION, props.consumption);
  const { timeZone } = useBillingLocale();
  const variables = { customerId: props.customerId, at: instantBefore(period.start) };
  const { data, error } = useQuery(PRECEDING_PERIOD_QUERY, { variables });
  const before = data?.consumption;
  return (
    <div className="ml-tile">
      <h2 className="ml-tile-title">The period before</h2>
      {before !== undefined ? (
        <>
          <p className="ml-tile-figure">
            <Money value={before.total} />
            <CurrencyCode beside={before.total} />
          </p>
          <p className="ml-tile-note">{formatPeriod(before.period, { timeZone })}</p>
        </>
      ) : error !== undefined ? (
        <p className="ml-tile-note">Not available right now</p>
      ) : (
        <Skeleton height={25} width={120} radius="sm" />
      )}
    </div>
  );
}
