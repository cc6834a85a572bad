import { useState, useSyncExternalStore } from "react";

/** Alerts that this person put away in this browser; which, and until when it is snoozed (null: for good). */
type PutAway = Readonly<Record<string, string | null>>;

const MAX_KEPT = 200;
const KEY = "meterline-dismissed-alerts";

/**
 * What this person does not want to see in the banner any more. Kept in the browser, since it is about one person's
 * screen: the alert itself, its deliveries and the other members' banners stay as they are.
 */
class DismissedAlerts {
  #kept: PutAway = read();
  readonly #listeners = new Set<() => void>();

  get = (): PutAway => this.#kept;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  putAway(alertId: string, until: string | null): void {
    const kept = [...Object.entries(this.#kept).filter(([id]) => id !== alertId), [alertId, until] as const];
    this.#kept = Object.fromEntries(kept.slice(-MAX_KEPT));
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#kept));
    } catch {
      // Storage may be forbidden or full; it is then put away for this page only.
    }
    for (const listener of this.#listeners) listener();
  }
}

function read(): PutAway {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof parsed === "object" && parsed !== null ? (parsed as PutAway) : {};
  } catch {
    return {};
  }
}

/** Which alerts to leave out of the banner, and the way to put one away. */
export function useDismissedAlerts() {
  const [store] = useState(() => new DismissedAlerts());
  const kept = useSyncExternalStore(store.subscribe, store.get);
  return {
    isAway: (alertId: string, now: number): boolean => {
      const until = kept[alertId];
      return until !== undefined && (until === null || Date.parse(until) > now);
    },
    putAway: (alertId: string, until: string | null) => store.putAway(alertId, until),
  };
}
