import { useMutation } from "@apollo/client/react";
import { Button, Checkbox, TextInput } from "@mantine/core";
import {
  CHANNEL_NAMES,
  majorText,
  problemOf,
  typedFigure,
  typedFigureProblem,
  useBillingLocale,
} from "@meterline/web-kit";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { graphql } from "../../gql/gql.ts";
import type { AlertChannel, RuleList_RuleFragment } from "../../gql/graphql.ts";
import { ALL_CHANNELS, percentsOf } from "./rule-draft.ts";

const CHANGE_RULE = graphql(`
  mutation ChangeRuleMutation($input: AlertRuleChangeInput!) {
    updateAlertRule(input: $input) {
      id
      words
    }
  }
`);

/** Changes the figures and channels of a rule in place. What it is measured against stays: that would be another rule. */
export function RuleEditor(props: { rule: RuleList_RuleFragment; onDone: () => void; onCancel: () => void }) {
  const { rule, onDone, onCancel } = props;
  const { currency } = useBillingLocale();
  const [value, setValue] = useState(rule.amount === null ? (rule.quantity ?? "") : majorText(rule.amount));
  const [percents, setPercents] = useState(rule.percents.join(", "));
  const [channels, setChannels] = useState<readonly AlertChannel[]>(rule.channels);
  const [change, { loading, error }] = useMutation(CHANGE_RULE);
  const given = percentsOf(percents);
  const measured = rule.basis === "MONEY" || rule.basis === "UNITS";
  const figure = measured ? typedFigure(value) : null;
  const form = useRef<HTMLFormElement>(null);
  // The button that opened it is gone: the keyboard goes on from its first field.
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const input = {
      customerId: rule.customerId,
      id: rule.id,
      channels: [...channels],
      ...(rule.basis === "PATTERN" || given === null ? {} : { percents: given }),
      ...(rule.basis === "MONEY" && figure !== null ? { amount: figure } : {}),
      ...(rule.basis === "UNITS" && figure !== null ? { quantity: figure } : {}),
    };
    await change({ variables: { input } })
      .then(onDone)
      // The failure stands in `error`.
      .catch(() => undefined);
  };
  return (
    <form
      ref={form}
      className="ml-form ml-form-inline"
      onSubmit={submit}
      aria-label={`Change: ${rule.name ?? rule.words}`}
    >
      <div className="ml-form-pairs">
        {measured ? (
          <TextInput
            label={rule.basis === "MONEY" ? `Amount, in ${currency}` : "Units"}
            inputMode="decimal"
            value={value}
            error={typedFigureProblem(value)}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        ) : null}
        {rule.basis === "PATTERN" ? null : (
          <TextInput
            label="Tell me at, in %"
            value={percents}
            onChange={(event) => setPercents(event.currentTarget.value)}
          />
        )}
      </div>
      <Checkbox.Group
        label="Tell me by"
        value={[...channels]}
        onChange={(chosen) => setChannels(chosen as AlertChannel[])}
      >
        <div className="ml-form-checks">
          {ALL_CHANNELS.map((channel) => (
            <Checkbox key={channel} value={channel} label={CHANNEL_NAMES[channel]} />
          ))}
        </div>
      </Checkbox.Group>
      {error === undefined ? null : <div role="alert">{problemOf(error).message}</div>}
      <div className="ml-form-foot">
        <Button
          type="submit"
          size="compact-md"
          loading={loading}
          disabled={(measured && figure === null) || (given === null && rule.basis !== "PATTERN")}
        >
          Save
        </Button>
        <Button size="compact-md" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
