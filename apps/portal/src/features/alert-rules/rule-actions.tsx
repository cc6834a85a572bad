import { useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { ConfirmButton, isFirstClick, problemOf, useMayChangeAlerts } from "@meterline/web-kit";
import { useState } from "react";
import { graphql } from "../../gql/gql.ts";
import type { RuleList_RuleFragment } from "../../gql/graphql.ts";
import { RuleEditor } from "./rule-editor.tsx";

const SWITCH_RULE = graphql(`
  mutation SwitchRuleMutation($input: AlertRuleChangeInput!) {
    updateAlertRule(input: $input) {
      id
      enabled
    }
  }
`);

const SNOOZE_RULE = graphql(`
  mutation SnoozeRuleMutation($customerId: ID!, $id: ID!, $until: DateTime) {
    snoozeAlertRule(customerId: $customerId, id: $id, until: $until) {
      id
      snoozedUntil
    }
  }
`);

const DELETE_RULE = graphql(`
  mutation DeleteRuleMutation($customerId: ID!, $id: ID!) {
    deleteAlertRule(customerId: $customerId, id: $id) {
      id
    }
  }
`);

const DAY_MS = 86_400_000;

/** What may be done with a rule; nothing for who may only look. */
export function RuleActions(props: { rule: RuleList_RuleFragment; onChanged: () => void }) {
  return useMayChangeAlerts() ? <OwnerActions {...props} /> : null;
}

/** Change, snooze, switch off or remove a rule. What a member may not do is refused by the API, whose words then stand here. */
function OwnerActions({ rule, onChanged }: { rule: RuleList_RuleFragment; onChanged: () => void }) {
  const { id, customerId } = rule;
  const [editing, setEditing] = useState(false);
  const [edited, setEdited] = useState(false);
  const [switchRule, switching] = useMutation(SWITCH_RULE);
  const [snooze, snoozing] = useMutation(SNOOZE_RULE);
  const [remove, removing] = useMutation(DELETE_RULE);
  const error = switching.error ?? snoozing.error;
  const busy = switching.loading || snoozing.loading || removing.loading;
  // A failure stands in `error`.
  const then = (done: Promise<unknown>) => void done.then(onChanged).catch(() => undefined);
  const toggleSnooze = () => {
    const until = rule.snoozedUntil === null ? new Date(Date.now() + DAY_MS).toISOString() : null;
    then(snooze({ variables: { customerId, id, until } }));
  };
  const name = rule.name ?? rule.words;
  const endEditing = () => {
    setEditing(false);
    setEdited(true);
  };
  if (editing) {
    return (
      <RuleEditor
        rule={rule}
        onDone={() => {
          endEditing();
          onChanged();
        }}
        onCancel={endEditing}
      />
    );
  }
  return (
    <span className="ml-actions">
      {error === undefined ? null : <span role="alert">{problemOf(error).message}</span>}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => setEditing(true)}
        aria-label={`Change: ${name}`}
        autoFocus={edited}
      >
        Change
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        disabled={busy}
        onClick={(event) => isFirstClick(event) && toggleSnooze()}
        aria-label={`${rule.snoozedUntil === null ? "Snooze a day" : "End snooze"}: ${name}`}
      >
        {rule.snoozedUntil === null ? "Snooze a day" : "End snooze"}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        disabled={busy}
        onClick={(event) =>
          isFirstClick(event) && then(switchRule({ variables: { input: { customerId, id, enabled: !rule.enabled } } }))
        }
        aria-label={`Switch ${rule.enabled ? "off" : "on"}: ${name}`}
      >
        {rule.enabled ? "Switch off" : "Switch on"}
      </Button>
      {rule.source === "MEMBER" ? (
        <ConfirmButton
          label="Remove"
          confirmLabel="Remove for good"
          about={name}
          color="red"
          loading={removing.loading}
          error={removing.error}
          onConfirm={() => remove({ variables: { customerId, id } }).then(onChanged)}
        />
      ) : null}
    </span>
  );
}
