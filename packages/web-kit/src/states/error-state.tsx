import "./states.css";
import { Button } from "@mantine/core";
import { problemOf } from "../apollo/problem.ts";

/** A failure in plain words, with a way on when trying again can help. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const problem = problemOf(error);
  return (
    <div className="ml-state" role="alert">
      <h3>{problem.title}</h3>
      <p>{problem.message}</p>
      {problem.retryable && onRetry !== undefined ? (
        <Button className="ml-state-action" variant="default" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

/** Shown above figures that are still on screen after a refresh failed: they are true, but no longer the newest. */
export function StaleNotice({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const problem = problemOf(error);
  return (
    <div className="ml-notice" role="status">
      <span>{problem.title}. These figures are from before; they are not wrong, only older.</span>
      <Button size="compact-sm" variant="default" onClick={onRetry}>
        Refresh
      </Button>
    </div>
  );
}
