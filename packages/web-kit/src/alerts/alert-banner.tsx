import "./alerts.css";
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { Instant } from "../formats/figures.tsx";
import { mostUrgent, SEVERITIES } from "./alert-words.ts";
import { useDismissedAlerts } from "./dismissed-alerts.ts";
import { useOpenAlerts } from "./use-open-alerts.ts";

const HOUR_MS = 3_600_000;
const SNOOZES: readonly { hours: number; label: string }[] = [
  { hours: 1, label: "For an hour" },
  { hours: 24, label: "For a day" },
  { hours: 24 * 7, label: "For a week" },
];

/**
 * The most urgent alert of the current period, in its own words, until this person puts it away. It is spoken when it
 * arrives: at once when usage is being refused, politely otherwise.
 */
export function AlertBanner({ customerId, alertsPath }: { customerId: string; alertsPath: string }) {
  const { alerts } = useOpenAlerts(customerId);
  const { isAway, putAway } = useDismissedAlerts();
  const [choosing, setChoosing] = useState(false);
  const [openedAt] = useState(() => Date.now());
  const open = alerts.filter((alert) => Date.parse(alert.period.end) > openedAt && !isAway(alert.id, openedAt));
  const alert = mostUrgent(open);
  const others = open.length - 1;
  const isCritical = alert?.severity === "CRITICAL";
  return (
    <div role={isCritical ? "alert" : "status"} className="ml-alert-region">
      {alert === null ? null : (
        <section className="ml-alert" data-tone={SEVERITIES[alert.severity].tone} aria-label="Alert">
          <div className="ml-alert-text">
            <p className="ml-alert-title">
              {alert.title} <Instant at={alert.crossedAt} />
            </p>
            <p>{alert.words}</p>
          </div>
          <div className="ml-alert-actions">
            <Link className="ml-link" to={alertsPath}>
              {others > 0 ? `All alerts (${others} more)` : "All alerts"}
            </Link>
            {choosing ? (
              SNOOZES.map(({ hours, label }) => (
                <Button
                  key={hours}
                  size="compact-sm"
                  variant="default"
                  onClick={() => {
                    setChoosing(false);
                    putAway(alert.id, new Date(Date.now() + hours * HOUR_MS).toISOString());
                  }}
                >
                  {label}
                </Button>
              ))
            ) : (
              <Button size="compact-sm" variant="default" onClick={() => setChoosing(true)}>
                Snooze
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={() => putAway(alert.id, null)}>
              Dismiss
            </Button>
          </div>
        </section>
      )}
    </div>
  );
}
