import "./states.css";
import { useNetwork } from "@mantine/hooks";
import { useLiveState } from "../live/live-context.tsx";

/** Says that figures may be old: the browser has no network, or the API does not answer. It takes no room otherwise. */
export function OfflineBanner() {
  const { online } = useNetwork();
  const live = useLiveState();
  if (online && live !== "LOST") return null;
  return (
    <div className="ml-notice ml-offline" role="status">
      {online
        ? "Meterline does not answer right now. The figures on this page are the last ones received; we keep trying."
        : "You are offline. The figures on this page are the last ones received."}
    </div>
  );
}
