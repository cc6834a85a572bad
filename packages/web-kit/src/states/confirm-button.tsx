import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../apollo/problem.ts";
import { isFirstClick } from "./first-click.ts";

/** What a {@link ConfirmButton} asks and does. */
export type ConfirmProps = {
  /** On the button, before and after it asks: "Replay", "Replay 3 reports". */
  label: string;
  confirmLabel: string;
  /** Which of several buttons of that label this is: "report 7". Its name begins with what stands on it. */
  about?: string;
  /** Asks for words that are kept, with this as their label. */
  reasonLabel?: string;
  /** Red for what cannot be taken back. */
  color?: string;
  loading: boolean;
  error: unknown;
  onConfirm: (reason: string) => Promise<unknown>;
};

/** Asks once more in place before it does what has consequences; says there when it failed, and closes when it did it. */
export function ConfirmButton(props: ConfirmProps) {
  const { label, confirmLabel, about, reasonLabel, color, loading, error } = props;
  const [asking, setAsking] = useState(false);
  const [kept, setKept] = useState(false);
  const [reason, setReason] = useState("");
  if (!asking) {
    return (
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => setAsking(true)}
        autoFocus={kept}
        aria-label={about === undefined ? label : `${label}: ${about}`}
      >
        {label}
      </Button>
    );
  }
  const close = () => {
    setAsking(false);
    setReason("");
  };
  const keep = () => {
    // Who asked goes on from the button that asked.
    setKept(true);
    close();
  };
  // A failure stands in `error`.
  const confirm = () => void props.onConfirm(reason.trim()).then(close, () => undefined);
  return (
    <span className="ml-confirm">
      {error === undefined || error === null ? null : <span role="alert">{problemOf(error).message}</span>}
      {reasonLabel === undefined ? null : (
        <TextInput
          size="xs"
          aria-label={reasonLabel}
          placeholder={reasonLabel}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.currentTarget.value)}
          autoFocus
        />
      )}
      <Button
        size="compact-sm"
        {...(color === undefined ? {} : { color })}
        loading={loading}
        disabled={reasonLabel !== undefined && reason.trim() === ""}
        onClick={(event) => isFirstClick(event) && confirm()}
        autoFocus={reasonLabel === undefined}
      >
        {confirmLabel}
      </Button>
      <Button size="compact-sm" variant="default" onClick={(event) => isFirstClick(event) && keep()}>
        Keep as it is
      </Button>
    </span>
  );
}
