import { useMutation } from "@apollo/client/react";
import { Button, Checkbox, TextInput } from "@mantine/core";
import { Instant, problemOf, useBillingLocale, useMayChangeAlerts } from "@meterline/web-kit";
import { type FormEvent, useState } from "react";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { AlertSettingsInput } from "../../gql/graphql.ts";

const SETTINGS_FORM_SETTINGS = graphql(`
  fragment SettingsForm_Settings on AlertSettings {
    quietHours {
      from
      to
    }
    snoozedUntil
    defaultForecast
  }
`);

const CHANGE_SETTINGS = graphql(`
  mutation ChangeAlertSettingsMutation($input: AlertSettingsInput!) {
    changeAlertSettings(input: $input) {
      ...SettingsForm_Settings
    }
  }
`);

const DAY_MS = 86_400_000;
const USUAL_QUIET = { from: "22:00", to: "07:00" };

/** How the customer wants to be told of everything: quiet hours, a pause, and whether to be warned beforehand. */
export function SettingsForm(props: {
  customerId: string;
  settings: FragmentType<typeof SETTINGS_FORM_SETTINGS>;
  onChanged: () => void;
}) {
  const { customerId, onChanged } = props;
  const settings = readFragment(SETTINGS_FORM_SETTINGS, props.settings);
  const { timeZone } = useBillingLocale();
  const mayChange = useMayChangeAlerts();
  const [quiet, setQuiet] = useState(settings.quietHours !== null);
  const [from, setFrom] = useState(settings.quietHours?.from ?? USUAL_QUIET.from);
  const [to, setTo] = useState(settings.quietHours?.to ?? USUAL_QUIET.to);
  const [saved, setSaved] = useState<string | null>(null);
  const [change, { loading, error }] = useMutation(CHANGE_SETTINGS);
  const save = (part: Omit<AlertSettingsInput, "customerId">) =>
    change({ variables: { input: { customerId, ...part } } })
      .then(onChanged)
      .then(() => true)
      // The failure stands in `error`.
      .catch(() => false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSaved(null);
    void save({ quietHours: quiet ? { from, to } : null }).then((isSaved) => {
      if (isSaved) setSaved(quiet ? `Saved: e-mail waits from ${from} to ${to}.` : "Saved: e-mail comes at any hour.");
    });
  };
  return (
    <section className="ml-panel" aria-labelledby="settings-title">
      <div className="ml-panel-head">
        <h2 id="settings-title" className="ml-panel-title">
          Quiet hours and pause
        </h2>
        <p className="ml-panel-note">Times in {timeZone}</p>
      </div>
      <form className="ml-form" onSubmit={submit}>
        <Checkbox
          label="Keep e-mail for the morning"
          description="Unless usage is being refused: that is told at any hour"
          checked={quiet}
          disabled={!mayChange}
          onChange={(event) => setQuiet(event.currentTarget.checked)}
        />
        {quiet ? (
          <div className="ml-form-pairs">
            <TextInput
              type="time"
              label="From"
              value={from}
              disabled={!mayChange}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              type="time"
              label="To"
              value={to}
              disabled={!mayChange}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          </div>
        ) : null}
        {mayChange ? (
          <div className="ml-form-foot">
            <Button type="submit" variant="default" loading={loading}>
              Save quiet hours
            </Button>
            <span role="status">{saved}</span>
          </div>
        ) : null}
        <Checkbox
          label="Warn beforehand, when a forecast says that an allowance or limit will be crossed"
          checked={settings.defaultForecast}
          disabled={!mayChange}
          onChange={(event) => void save({ defaultForecast: event.currentTarget.checked })}
        />
        <div className="ml-form-foot">
          {settings.snoozedUntil === null ? (
            <Button
              disabled={!mayChange}
              variant="default"
              loading={loading}
              onClick={() => void save({ snoozedUntil: new Date(Date.now() + DAY_MS).toISOString() })}
            >
              Pause everything for a day
            </Button>
          ) : (
            <>
              <span>
                Nothing is told outside the portal until <Instant at={settings.snoozedUntil} />.
              </span>
              <Button
                variant="default"
                disabled={!mayChange}
                loading={loading}
                onClick={() => void save({ snoozedUntil: null })}
              >
                End the pause
              </Button>
            </>
          )}
        </div>
        {error === undefined ? null : <div role="alert">{problemOf(error).message}</div>}
      </form>
    </section>
  );
}
