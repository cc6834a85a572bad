import "./live.css";
import { useLiveState } from "./live-context.tsx";

/** Says beside the figures that they move by themselves, or that they do not at the moment; nothing where nothing is live. */
export function LiveTag() {
  const state = useLiveState();
  if (state === "OFF") return null;
  return (
    <span className="ml-live" data-state={state}>
      {state === "LIVE" ? "Live" : "Reconnecting"}
    </span>
  );
}
