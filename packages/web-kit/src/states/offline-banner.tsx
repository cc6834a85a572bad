import "./states.css";
import { useNetwork } from "@mantine/hooks";

/** Says that figures may be old while the browser has no network. It takes no room when there is one. */
export function OfflineBanner() {
  const { online } = useNetwork();
  if (online) return null;
  return (
    <div className="ml-notice ml-offline" role="status">
      You are offline. The figures on this page are the last ones received.
    </div>
  );
}
