import { Temporal } from "temporal-polyfill";
import type { EpochMs } from "../window.ts";
import type { AlertChannel, AlertSeverity } from "./alert-rule.ts";

/** When a customer does not want to be disturbed. Minutes count from local midnight; from 1320 to 420 is 22:00 to 07:00. */
export type QuietHours = { fromMinute: number; toMinute: number; timeZone: string };

/** What to do with one way of telling. */
export type Telling =
  | { tell: "NOW" }
  | { tell: "LATER"; at: EpochMs; reason: string }
  | { tell: "NOT"; reason: string };

/** What decides it. `snoozedUntil` is the later of the rule's and the customer's. */
export type TellingFacts = {
  channel: AlertChannel;
  severity: AlertSeverity;
  now: EpochMs;
  quietHours: QuietHours | null;
  snoozedUntil: EpochMs | null;
};

/**
 * Whether an alert is told now. What happens in the app disturbs nobody and is always told; usage that is being refused
 * is told at any hour. Snoozed alerts are kept and not sent. In quiet hours mail waits for their end; systems never sleep.
 */
export function decideTelling(facts: TellingFacts): Telling {
  if (facts.channel === "IN_APP" || facts.severity === "CRITICAL") return { tell: "NOW" };
  if (facts.snoozedUntil !== null && facts.now < facts.snoozedUntil) return { tell: "NOT", reason: "Snoozed." };
  if (facts.channel !== "EMAIL" || facts.quietHours === null) return { tell: "NOW" };
  const at = endOfQuietHours(facts.quietHours, facts.now);
  return at === null ? { tell: "NOW" } : { tell: "LATER", at, reason: "Held until the end of quiet hours." };
}

/** When the quiet hours that hold `now` end, or null outside of them. From equals to: the whole day is quiet. */
export function endOfQuietHours(quiet: QuietHours, now: EpochMs): EpochMs | null {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(quiet.timeZone);
  const minute = local.hour * 60 + local.minute;
  const { fromMinute, toMinute } = quiet;
  const overnight = fromMinute >= toMinute;
  const isQuiet = overnight ? minute >= fromMinute || minute < toMinute : minute >= fromMinute && minute < toMinute;
  if (!isQuiet) return null;
  const day = local.toPlainDate().add({ days: overnight && minute >= toMinute ? 1 : 0 });
  const hour = (toMinute - (toMinute % 60)) / 60;
  const end = day.toPlainDateTime(Temporal.PlainTime.from({ hour, minute: toMinute % 60 }));
  // Where the clocks are put forward over it, the first moment after the gap; put back over it, it comes twice.
  const first = end.toZonedDateTime(quiet.timeZone).epochMilliseconds;
  return first > now ? first : end.toZonedDateTime(quiet.timeZone, { disambiguation: "later" }).epochMilliseconds;
}
