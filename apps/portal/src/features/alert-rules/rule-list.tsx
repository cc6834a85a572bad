import { CHANNEL_NAMES, EmptyState, Instant, KIND_NAMES } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { AlertRuleSource, RuleList_RuleFragment } from "../../gql/graphql.ts";
import { RuleActions } from "./rule-actions.tsx";

const RULE_LIST_RULE = graphql(`
  fragment RuleList_Rule on AlertRule {
    id
    customerId
    meter {
      id
      name
    }
    kind
    basis
    name
    source
    channels
    enabled
    snoozedUntil
    percents
    quantity
    amount {
      amountMinor
      currency
    }
    words
  }
`);

const SOURCES: Readonly<Record<AlertRuleSource, string>> = {
  DEFAULT: "Comes with the plan and its limits",
  STAFF: "Set by support",
  MEMBER: "Set by you",
};

/** Rules in words, with how they are told and what may be changed. */
export function RuleList(props: {
  rules: readonly FragmentType<typeof RULE_LIST_RULE>[];
  emptyTitle: string;
  emptyText: string;
  onChanged: () => void;
}) {
  const rules = readFragment(RULE_LIST_RULE, props.rules);
  if (rules.length === 0) return <EmptyState title={props.emptyTitle}>{props.emptyText}</EmptyState>;
  return (
    <ul className="ml-limits">
      {rules.map((rule) => (
        <RuleRow key={rule.id} rule={rule} onChanged={props.onChanged} />
      ))}
    </ul>
  );
}

function RuleRow({ rule, onChanged }: { rule: RuleList_RuleFragment; onChanged: () => void }) {
  const told = rule.channels.map((channel) => CHANNEL_NAMES[channel]).join(", ");
  return (
    <li className="ml-limit">
      <div className="ml-limit-head">
        <h3 className="ml-meter-name">{rule.name ?? rule.meter?.name ?? "Whole bill"}</h3>
        <span className="ml-tag">{KIND_NAMES[rule.kind]}</span>
        {rule.enabled ? null : <span className="ml-tag">Off</span>}
        {rule.snoozedUntil === null ? null : (
          <span className="ml-tag" data-tone="warn">
            Snoozed until <Instant at={rule.snoozedUntil} />
          </span>
        )}
      </div>
      <p className="ml-limit-words">{rule.words}</p>
      <div className="ml-limit-foot">
        <span>
          {SOURCES[rule.source]}. Told by: {told === "" ? "nothing" : told}
        </span>
        <RuleActions rule={rule} onChanged={onChanged} />
      </div>
    </li>
  );
}
