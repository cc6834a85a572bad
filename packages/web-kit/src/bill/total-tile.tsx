import { CurrencyCode, Money } from "../formats/figures.tsx";
import { formatMoney } from "../formats/money.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { BillingPeriodState } from "../gql/graphql.ts";
import { MovedTotal } from "../live/moved-total.tsx";

const TOTAL_TILE_CONSUMPTION = graphql(`
  fragment TotalTile_Consumption on Consumption {
    period {
      state
    }
    baseFee {
      amountMinor
      currency
    }
    total {
      amountMinor
      currency
    }
  }
`);

const TITLES: Record<BillingPeriodState, string> = {
  OPEN: "Bill so far",
  CLOSING: "Bill, not final yet",
  CLOSED: "Bill",
};

/** How much so far: the first thing anybody looks for. */
export function TotalTile(props: { consumption: FragmentType<typeof TOTAL_TILE_CONSUMPTION> }) {
  const { period, baseFee, total } = readFragment(TOTAL_TILE_CONSUMPTION, props.consumption);
  return (
    <div className="ml-tile ml-tile-main">
      <h2 className="ml-tile-title">{TITLES[period.state]}</h2>
      <p className="ml-tile-total" data-testid="bill-total">
        <Money value={total} />
        <CurrencyCode beside={total} />
      </p>
      <p className="ml-tile-note">
        With the base fee of <Money value={baseFee} />
      </p>
      <MovedTotal words={`${TITLES[period.state]}: ${formatMoney(total)}`} />
    </div>
  );
}
