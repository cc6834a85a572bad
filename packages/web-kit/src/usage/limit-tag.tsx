import { formatExactMoney } from "../formats/money.ts";
import { formatQuantity } from "../formats/quantity.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { POLICY_NAMES, STANDINGS } from "../limits/limit-words.ts";

const LIMIT_TAG_LIMIT = graphql(`
  fragment LimitTag_Limit on LimitState {
    policy
    state
    limit
    currency
  }
`);

/** Where a meter stands against its limit, in a few words; nothing when it has none. */
export function LimitTag(props: { limit: FragmentType<typeof LIMIT_TAG_LIMIT> }) {
  const { policy, state, limit, currency } = readFragment(LIMIT_TAG_LIMIT, props.limit);
  if (policy === "NONE" || limit === null) return null;
  const standing = STANDINGS[state];
  return (
    <span className="ml-tag" data-tone={standing.tone}>
      {POLICY_NAMES[policy]} {currency === null ? formatQuantity(limit) : formatExactMoney(limit, currency)}
      {state === "OK" ? "" : `, ${standing.word.toLowerCase()}`}
    </span>
  );
}
