import { useMutation } from "@apollo/client/react";
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import {
  CHANNEL_NAMES,
  KIND_NAMES,
  type LimitedMeter,
  measuredUnit,
  problemOf,
  typedFigureProblem,
  useBillingLocale,
} from "@meterline/web-kit";
import { type FormEvent, useState } from "react";
import { graphql } from "../../gql/gql.ts";
import type { AlertBasis, AlertChannel, AlertKind } from "../../gql/graphql.ts";
import { ALL_CHANNELS, BASES, BUDGET_DRAFT, type RuleDraft, ruleInputOf, WHOLE_BILL, withKind } from "./rule-draft.ts";
import { RulePreview } from "./rule-preview.tsx";

const CREATE_RULE = graphql(`
  mutation CreateRuleMutation($input: AlertRuleInputType!) {
    createAlertRule(input: $input) {
      id
    }
  }
`);

const KIND_WORDS: Readonly<Record<AlertKind, string>> = {
  BUDGET: "money you want to keep to",
  THRESHOLD: "when usage gets there",
  FORECAST: "before usage gets there",
  DROP: "a meter goes silent or falls far",
  SPIKE: "a meter rises far above usual",
};

const BASIS_NAMES: Readonly<Record<AlertBasis, string>> = {
  ALLOWANCE: "The allowance",
  LIMIT: "A limit",
  UNITS: "A number of units",
  MONEY: "An amount of money",
  PATTERN: "What is usual",
};

/** A limit that a rule may be measured against. */
export type RuleLimit = { readonly id: string; readonly words: string };

/** Makes a rule: a budget unless another kind is chosen. What it does, and would have done, is read before it is saved. */
export function RuleForm(props: {
  customerId: string;
  meters: readonly LimitedMeter[];
  limits: readonly RuleLimit[];
  /** Only budgets, where the page is about them. */
  onlyBudgets: boolean;
  onSaved: () => void;
}) {
  const { customerId, meters, limits, onlyBudgets, onSaved } = props;
  const [draft, setDraft] = useState<RuleDraft>(BUDGET_DRAFT);
  const [saved, setSaved] = useState(false);
  const [create, { loading, error }] = useMutation(CREATE_RULE);
  const input = ruleInputOf(draft, customerId);
  const change = (next: RuleDraft) => {
    setSaved(false);
    setDraft(next);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (input === null) return;
    await create({ variables: { input } })
      .then(() => {
        setSaved(true);
        setDraft({ ...draft, value: "", name: "" });
        onSaved();
      })
      // The failure stands in `error`.
      .catch(() => undefined);
  };
  return (
    <section className="ml-panel" aria-labelledby="new-rule-title">
      <div className="ml-panel-head">
        <h2 id="new-rule-title" className="ml-panel-title">
          {onlyBudgets ? "Set a budget" : "New rule"}
        </h2>
        <p className="ml-panel-note">Nothing is refused by it: you are told</p>
      </div>
      <form className="ml-form" onSubmit={submit}>
        <div className="ml-form-pairs">
          {onlyBudgets ? null : (
            <NativeSelect
              label="Tell me of"
              value={draft.kind}
              onChange={(event) => change(withKind(draft, event.currentTarget.value as AlertKind))}
              data={Object.entries(KIND_NAMES).map(([value, name]) => ({
                value,
                label: `${name}: ${KIND_WORDS[value as AlertKind]}`,
              }))}
            />
          )}
          <MeasureFields draft={draft} meters={meters} limits={limits} onChange={change} />
          <TextInput
            label="Name"
            description="Only if you want one"
            maxLength={200}
            value={draft.name}
            onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
          />
        </div>
        <Checkbox.Group
          label="Tell me by"
          value={[...draft.channels]}
          onChange={(channels) => change({ ...draft, channels: channels as AlertChannel[] })}
        >
          <div className="ml-form-checks">
            {ALL_CHANNELS.map((channel) => (
              <Checkbox key={channel} value={channel} label={CHANNEL_NAMES[channel]} />
            ))}
          </div>
        </Checkbox.Group>
        <RulePreview input={input} />
        {error === undefined ? null : <div role="alert">{problemOf(error).message}</div>}
        <div className="ml-form-foot">
          <Button type="submit" loading={loading} disabled={input === null}>
            {draft.kind === "BUDGET" ? "Set budget" : "Make rule"}
          </Button>
          <span role="status">{saved ? "Saved; it counts from now on." : ""}</span>
        </div>
      </form>
    </section>
  );
}

function MeasureFields(props: {
  draft: RuleDraft;
  meters: readonly LimitedMeter[];
  limits: readonly RuleLimit[];
  onChange: (draft: RuleDraft) => void;
}) {
  const { draft, meters, limits, onChange } = props;
  const { currency } = useBillingLocale();
  const { kind, basis } = draft;
  const bases = BASES[kind];
  const meter = meters.find(({ key }) => key === draft.meterKey);
  const unit = meter === undefined ? "units" : measuredUnit(meter);
  const whole = basis === "MONEY" ? [{ value: WHOLE_BILL, label: "Whole bill" }] : [{ value: "", label: "Choose one" }];
  return (
    <>
      {bases.length === 1 ? null : (
        <NativeSelect
          label="Measured against"
          value={basis}
          onChange={(event) => onChange({ ...draft, basis: event.currentTarget.value as AlertBasis })}
          data={bases.map((value) => ({ value, label: BASIS_NAMES[value] }))}
        />
      )}
      {basis === "LIMIT" ? (
        <NativeSelect
          label="Limit"
          value={draft.limitId}
          onChange={(event) => onChange({ ...draft, limitId: event.currentTarget.value })}
          data={[{ value: "", label: "Choose one" }, ...limits.map(({ id, words }) => ({ value: id, label: words }))]}
        />
      ) : (
        <NativeSelect
          label="Of"
          value={draft.meterKey}
          onChange={(event) => onChange({ ...draft, meterKey: event.currentTarget.value })}
          data={[...whole, ...meters.map(({ key, name }) => ({ value: key, label: name }))]}
        />
      )}
      {basis === "MONEY" || basis === "UNITS" ? (
        <TextInput
          label={basis === "MONEY" ? `Amount, in ${currency}` : `How many ${unit}`}
          inputMode="decimal"
          required
          withAsterisk={false}
          value={draft.value}
          error={typedFigureProblem(draft.value)}
          onChange={(event) => onChange({ ...draft, value: event.currentTarget.value })}
        />
      ) : null}
      {basis === "PATTERN" ? null : (
        <TextInput
          label="Tell me at, in %"
          description="Each once in a period"
          value={draft.percents}
          onChange={(event) => onChange({ ...draft, percents: event.currentTarget.value })}
        />
      )}
    </>
  );
}
