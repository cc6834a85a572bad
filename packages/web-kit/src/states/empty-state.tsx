import "./states.css";
import type { ReactNode } from "react";

/** What a list or chart shows when there is truly nothing, with what would fill it. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="ml-state">
      <h3>{title}</h3>
      {children === undefined ? null : <p>{children}</p>}
      {action === undefined ? null : <div className="ml-state-action">{action}</div>}
    </div>
  );
}
