import type { LimitedUse } from "../limits/index.ts";
import type { NewUsageEvent } from "../usage/index.ts";

/** An event on its way to be recorded, with what limits have to do with it. */
export type IngestEvent = NewUsageEvent & {
  /** Absent or null where the customer has no limit. */
  limited?: LimitedUse | null;
  /** The hold that it is recorded under: a reservation that it commits, or a lease that it draws on. */
  holdId?: string | null;
};

/** Whether an event is decided or counted under its customer's limit lock. */
export function isGated({ limited, holdId }: IngestEvent): boolean {
  return (holdId ?? null) !== null || (limited?.touched.length ?? 0) > 0;
}
