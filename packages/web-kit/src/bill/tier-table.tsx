import { ExactMoney, Money, Quantity } from "../formats/figures.tsx";
import type { MoneyText } from "../formats/money.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { tierRangeWords } from "./pricing-words.ts";

const TIER_TABLE_CHARGE = graphql(`
  fragment TierTable_Charge on TierCharge {
    label
    from
    upTo
    quantity
    unitPrice
    flatAmount
    unroundedAmount
  }
`);

/** How a line's amount was reached, row by row; the rows sum to the exact amount in the foot. Nothing is added up here. */
export function TierTable(props: {
  charges: readonly FragmentType<typeof TIER_TABLE_CHARGE>[];
  unroundedAmount: string;
  amount: MoneyText;
  caption: string;
}) {
  const charges = readFragment(TIER_TABLE_CHARGE, props.charges);
  const hasFlat = charges.some((charge) => charge.flatAmount !== null);
  if (charges.length === 0) return null;
  return (
    // A wide table scrolls by itself, so it must be reachable by keyboard.
    <section className="ml-scroll ml-tiers" tabIndex={0} aria-label={props.caption}>
      <table className="ml-table">
        <caption className="ml-hidden">{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">Charge</th>
            <th scope="col" className="ml-right">
              Quantity
            </th>
            <th scope="col" className="ml-right">
              Unit price
            </th>
            {hasFlat ? (
              <th scope="col" className="ml-right">
                Flat fee
              </th>
            ) : null}
            <th scope="col" className="ml-right">
              Exact amount
            </th>
          </tr>
        </thead>
        <tbody>
          {charges.map((charge, index) => (
            // Two rows may carry the same label (a cell of a matrix); their order is fixed by the API.
            <tr key={`${index}-${charge.label}`}>
              <th scope="row">
                {charge.label}
                {charge.from === null && charge.upTo === null ? null : (
                  <span className="ml-tier-range">{tierRangeWords(charge)}</span>
                )}
              </th>
              <td className="ml-right">
                <Quantity value={charge.quantity} />
              </td>
              <td className="ml-right">{charge.unitPrice === null ? "–" : <ExactMoney value={charge.unitPrice} />}</td>
              {hasFlat ? (
                <td className="ml-right">
                  {charge.flatAmount === null ? "–" : <ExactMoney value={charge.flatAmount} />}
                </td>
              ) : null}
              <td className="ml-right">
                <ExactMoney value={charge.unroundedAmount} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={hasFlat ? 4 : 3}>
              Exact sum
            </th>
            <td className="ml-right">
              <ExactMoney value={props.unroundedAmount} />
            </td>
          </tr>
          <tr className="ml-tiers-billed">
            <th scope="row" colSpan={hasFlat ? 4 : 3}>
              Billed
            </th>
            <td className="ml-right">
              <Money value={props.amount} />
            </td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
