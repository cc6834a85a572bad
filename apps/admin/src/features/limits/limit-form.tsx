import { useMutation } from "@apollo/client/react";
import { Button, NativeSelect, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { type LimitedMeter, measuredUnit, problemOf, typedFigureProblem, useBillingLocale } from "@meterline/web-kit";
import { type FormEvent, useState } from "react";
import { graphql } from "../../gql/gql.ts";
import type { LimitPeriod, LimitPolicyInput } from "../../gql/graphql.ts";
import { EMPTY_DRAFT, type LimitDraft, limitInputOf, WHOLE_BILL } from "./limit-draft.ts";
import { LimitWordsPreview } from "./limit-words-preview.tsx";

const OVERRIDE_LIMIT = graphql(`
  mutation OverrideLimitMutation($customerId: ID!, $limit: LimitInput!, $reason: String!, $endsAt: DateTime!) {
    overrideLimit(customerId: $customerId, limit: $limit, reason: $reason, endsAt: $endsAt) {
      id
    }
  }
`);

const SET_LIMIT = graphql(`
  mutation SetLimitMutation($customerId: ID!, $limit: LimitInput!) {
    setCustomerLimit(customerId: $customerId, limit: $limit) {
      id
    }
  }
`);

const POLICIES: readonly { value: LimitPolicyInput; label: string }[] = [
  { value: "HARD", label: "Hard: refuse what goes past it" },
  { value: "SOFT", label: "Soft: record and bill what goes past it" },
  { value: "NOTIFY", label: "Notice: only tell" },
];
const PERIODS: readonly { value: LimitPeriod; label: string }[] = [
  { value: "BILLING_PERIOD", label: "Each billing period" },
  { value: "DAY", label: "Each day" },
  { value: "HOUR", label: "Each hour" },
  { value: "LIFETIME", label: "In all, for ever" },
];

/** Sets a limit for one customer, or overrides all others of its scope until a date. What it does is read before saving. */
export function LimitForm(props: { customerId: string; meters: readonly LimitedMeter[]; onSaved: () => void }) {
  const { customerId, meters, onSaved } = props;
  const { timeZone, currency } = useBillingLocale();
  const [draft, setDraft] = useState<LimitDraft>({ ...EMPTY_DRAFT, meterKey: meters[0]?.key ?? WHOLE_BILL });
  const [saved, setSaved] = useState(false);
  const [override, overriding] = useMutation(OVERRIDE_LIMIT);
  const [set, setting] = useMutation(SET_LIMIT);
  const limit = limitInputOf(draft);
  const isOverride = draft.kind === "OVERRIDE";
  const error = isOverride ? overriding.error : setting.error;
  const inMoney = draft.meterKey === WHOLE_BILL || draft.basis === "MONEY";
  const meter = meters.find((one) => one.key === draft.meterKey);
  const unit = meter === undefined ? "units" : measuredUnit(meter);
  const change = (part: Partial<LimitDraft>) => {
    setSaved(false);
    setDraft((now) => ({ ...now, ...part }));
  };
  const ready = limit !== null && (!isOverride || (draft.reason.trim() !== "" && draft.endsAt !== ""));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (limit === null) return;
    const saving = isOverride
      ? override({
          variables: { customerId, limit, reason: draft.reason.trim(), endsAt: `${draft.endsAt}:00Z` },
        })
      : set({ variables: { customerId, limit } });
    await saving
      .then(() => {
        setSaved(true);
        setDraft((now) => ({ ...now, value: "", reason: "" }));
        onSaved();
      })
      // The failure stands in `error`.
      .catch(() => undefined);
  };
  return (
    <section className="ml-panel" aria-labelledby="set-limit-title">
      <div className="ml-panel-head">
        <h2 id="set-limit-title" className="ml-panel-title">
          Set a limit
        </h2>
        <p className="ml-panel-note">
          Amounts in {currency}, days in {timeZone}
        </p>
      </div>
      <form className="ad-form" onSubmit={submit}>
        <SegmentedControl
          aria-label="Kind of limit"
          value={draft.kind}
          onChange={(kind) => change({ kind })}
          data={[
            { value: "OVERRIDE", label: "Override until a date" },
            { value: "OWN", label: "Add to the plan's" },
          ]}
        />
        <div className="ml-form-pairs">
          <NativeSelect
            label="Of"
            value={draft.meterKey}
            onChange={(event) => change({ meterKey: event.currentTarget.value })}
            data={[
              ...meters.map(({ key, name }) => ({ value: key, label: name })),
              { value: WHOLE_BILL, label: "Whole bill" },
            ]}
          />
          {draft.meterKey === WHOLE_BILL ? null : (
            <NativeSelect
              label="Counted in"
              value={draft.basis}
              onChange={(event) => change({ basis: event.currentTarget.value as LimitDraft["basis"] })}
              data={[
                { value: "UNITS", label: unit },
                { value: "MONEY", label: `Money (${currency})` },
              ]}
            />
          )}
          <TextInput
            label={inMoney ? `Most, in ${currency}` : `Most, in ${unit}`}
            inputMode="decimal"
            required
            withAsterisk={false}
            value={draft.value}
            error={typedFigureProblem(draft.value)}
            onChange={(event) => change({ value: event.currentTarget.value })}
          />
          <NativeSelect
            label="Over"
            value={draft.period}
            onChange={(event) => change({ period: event.currentTarget.value as LimitPeriod })}
            data={[...PERIODS]}
          />
          <NativeSelect
            label="Once reached"
            value={draft.policy}
            onChange={(event) => change({ policy: event.currentTarget.value as LimitPolicyInput })}
            data={[...POLICIES]}
          />
          <TextInput
            label="Warn at, in %"
            description="Such as 80, 95; empty for no warning"
            value={draft.warnAt}
            onChange={(event) => change({ warnAt: event.currentTarget.value })}
          />
        </div>
        {isOverride ? (
          <>
            <Textarea
              label="Reason"
              description="For whoever asks later; the customer does not see it"
              required
              withAsterisk={false}
              maxLength={1_000}
              rows={2}
              value={draft.reason}
              onChange={(event) => change({ reason: event.currentTarget.value })}
            />
            <TextInput
              type="datetime-local"
              label="Ends, UTC"
              required
              withAsterisk={false}
              value={draft.endsAt}
              onChange={(event) => change({ endsAt: event.currentTarget.value })}
            />
          </>
        ) : null}
        <LimitWordsPreview customerId={customerId} limit={limit} />
        {error === undefined ? null : <div role="alert">{problemOf(error).message}</div>}
        <div className="ml-form-foot">
          <Button type="submit" loading={overriding.loading || setting.loading} disabled={!ready}>
            {isOverride ? "Override" : "Set limit"}
          </Button>
          <span role="status">{saved ? "Saved; it holds from now on." : ""}</span>
        </div>
      </form>
    </section>
  );
}
