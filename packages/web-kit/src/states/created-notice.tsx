import "./states.css";
import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { Copyable } from "./copyable.tsx";

/**
 * Says that something was made, and shows its secret this once, when it has one. It takes the focus, because the form
 * that had it is gone, and stays until it is put away: whoever renders it then forgets the secret. `label` names the
 * secret for screen readers.
 */
export function CreatedNotice(props: {
  secret: { readonly value: string; readonly label: string } | null;
  onPutAway: () => void;
  children: ReactNode;
}) {
  const { secret, onPutAway, children } = props;
  const noticeRef = useRef<HTMLDivElement>(null);
  useEffect(() => noticeRef.current?.focus(), []);
  return (
    <div className="ml-created" role="status" tabIndex={-1} ref={noticeRef}>
      {children}
      {secret === null ? null : <Copyable value={secret.value} label={secret.label} />}
      <Button variant="default" onClick={onPutAway}>
        {secret === null ? "Done" : "I have copied it"}
      </Button>
    </div>
  );
}
