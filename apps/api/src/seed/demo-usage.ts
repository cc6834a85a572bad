import { createHash } from "node:crypto";
import { type EpochMs, type Window } from "@meterline/billing-domain";
import type { IngestItem } from "../modules/ingestion/index.ts";
import { instantText } from "../modules/usage/index.ts";
import type { DemoCustomer, DemoUse } from "./demo-customers.ts";

const hourMs = 3_600_000;
/** Of an ordinary day, by local hour, in thousandths: quiet nights, a peak before and after lunch. */
const dailyRhythm = [14, 11, 9, 8, 9, 14, 24, 38, 56, 70, 76, 72, 58, 66, 74, 72, 64, 54, 46, 40, 36, 32, 30, 27];
/** By local weekday from Sunday, in hundredths. */
const weeklyRhythm = [38, 97, 104, 106, 103, 92, 46];

/**
 * A demo customer's usage over a window, hour by hour, in time order. The same hour always gives the same events with
 * the same keys, so that a seed that was interrupted goes on where it stopped.
 */
export function* demoUsage(customer: DemoCustomer, window: Window): Generator<IngestItem> {
  const clockOf = localClock(customer.timeZone);
  const firstHour = Math.ceil(window.startAt / hourMs) * hourMs;
  for (let hourAt = firstHour; hourAt < window.endAt; hourAt += hourMs) {
    for (const use of customer.uses) yield* usageOfHour(customer, use, hourAt, clockOf(hourAt));
  }
}

function* usageOfHour(
  customer: DemoCustomer,
  use: DemoUse,
  hourAt: EpochMs,
  clock: { hour: number; weekday: number },
): Generator<IngestItem> {
  const chance = chanceOf(`${customer.externalId} ${use.meterKey} ${hourAt}`);
  const rhythm = (dailyRhythm[clock.hour] ?? 0) * (weeklyRhythm[clock.weekday] ?? 0);
  // Whole numbers only: units a day x thousandths x hundredths, and 75 to 125 hundredths of chance.
  const units = Math.trunc((use.unitsPerDay * rhythm * (75 + (chance(0) % 51))) / 10_000_000);
  const item = (part: string, quantity: number | string, properties: Record<string, string> | null): IngestItem => ({
    customerId: null,
    externalCustomerId: customer.externalId,
    meterKey: use.meterKey,
    quantity: String(quantity),
    occurredAt: instantText(hourAt + (chance(1) % 3_500) * 1_000),
    idempotencyKey: `demo ${use.meterKey} ${instantText(hourAt)} ${part}`,
    properties,
  });
  switch (use.meterKey) {
    case "active_users":
      if (units > 0) yield item("0", "1", { user_id: `user-${chance(2) % (use.unitsPerDay * 2)}` });
      return;
    case "storage_gb":
      if (clock.hour === 6) yield item("0", use.unitsPerDay + (Math.trunc(hourAt / (86_400_000 * 3)) % 60), null);
      return;
    case "payment_volume":
      if (units > 0)
        yield item("0", `${units}.${String(chance(2) % 100).padStart(2, "0")}`, {
          status: chance(3) % 20 === 0 ? "failed" : "settled",
        });
      return;
    default:
      yield* byModel(use, units, chance, item);
  }
}

function* byModel(
  use: DemoUse,
  units: number,
  chance: (index: number) => number,
  item: (part: string, quantity: number, properties: Record<string, string> | null) => IngestItem,
): Generator<IngestItem> {
  if (use.models === undefined) {
    if (units > 0) yield item("0", units, null);
    return;
  }
  let left = units;
  for (const [index, model] of use.models.entries()) {
    const last = index === use.models.length - 1;
    const part = last ? left : Math.trunc((left * (40 + (chance(index + 4) % 31))) / 100);
    left -= part;
    if (part > 0) yield item(model, part, { model });
  }
}

/** Numbers from 0 to 65,535 that depend on the seed only. */
function chanceOf(seed: string): (index: number) => number {
  const digest = createHash("sha256").update(seed).digest();
  return (index) => digest.readUInt16BE((index * 2) % 30);
}

/** The local hour and weekday (0 is Sunday) of instants in a zone. */
function localClock(timeZone: string): (at: EpochMs) => { hour: number; weekday: number } {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, hour: "2-digit", hourCycle: "h23", weekday: "short" });
  const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  return (at) => {
    const parts = format.formatToParts(at);
    const valueOf = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
    return { hour: Number.parseInt(valueOf("hour"), 10), weekday: weekdays.indexOf(valueOf("weekday")) };
  };
}
