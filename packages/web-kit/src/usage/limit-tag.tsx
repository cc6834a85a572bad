import { formatQuantity } from "../formats/quantity.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { LimitPolicy, LimitStanding } from "../gql/graphql.ts";

const LIMIT_TAG_LIMIT = graphql(`
  fragment LimitTag_Limit on LimitState {
    policy
    state
    limit
  }
`);

const POLICY_NAMES: Record<LimitPolicy, string> = {
  HARD: "Hard limit",
  SOFT: "Soft limit",
  NOTIFY: "Notice at",
  NONE: "",
};
const STANDING_WORDS: Record<LimitStanding, { word: string; tone: "accent" | "warn" | "bad" | undefined }> = {
  OK: { word: "", tone: undefined },
  NEAR: { word: ", near", tone: "warn" },
  REACHED: { word: ", reached", tone: "warn" },
  BLOCKED: { word: ", blocked", tone: "bad" },
};

/** Where a meter stands against its limit, in a few words; nothing when it has none. */
export function LimitTag(props: { limit: FragmentType<typeof LIMIT_TAG_LIMIT> }) {
  const { policy, state, limit } = readFragment(LIMIT_TAG_LIMIT, props.limit);
  if (policy === "NONE" || limit === null) return null;
  const standing = STANDING_WORDS[state];
  return (
    <span className="ml-tag" data-tone={standing.tone}>
      {POLICY_NAMES[policy]} {formatQuantity(limit)}
      {standing.word}
    </span>
  );
}
