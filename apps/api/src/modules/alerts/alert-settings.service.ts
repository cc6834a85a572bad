import {
  decimal,
  type Decimal,
  type EpochMs,
  type Fault,
  formatDecimal,
  MAX_PERCENT,
  MAX_PERCENTS,
  ZERO,
} from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid } from "../../platform/database/index.ts";
import { notFound } from "../../platform/graphql/index.ts";
import { selectAlertSettings, type StoredAlertSettings, unsetAlertSettings } from "./alert-rule.repository.ts";
import { actorText, checkSnooze, refuseViewer } from "./alert-rule.service.ts";
import { percentOf, refuse } from "./alert-rule-changes.ts";
import { markEvaluations } from "./raise-alerts.ts";

/** Quiet hours as people write them, on the customer's clock: from "22:00" to "07:00". */
export type QuietHoursInput = { from: string; to: string };

/** What may change; what is left out stays, and null puts back what comes by itself. */
export type AlertSettingsChange = {
  quietHours?: QuietHoursInput | null;
  snoozedUntil?: EpochMs | null;
  defaultPercents?: readonly string[] | null;
  defaultForecast?: boolean | null;
};

/** How a customer wants to be told of alerts, whatever the rule. */
export class AlertSettingsService {
  readonly #on: { database: Database; clock: Clock; audit: AuditLog; onChanged(customerId: string): void };

  constructor(on: { database: Database; clock: Clock; audit: AuditLog; onChanged(customerId: string): void }) {
    this.#on = on;
  }

  settings(viewer: Viewer, customerId: string): Promise<StoredAlertSettings> {
    return readAs(this.#on.database, viewer, async (sql) => {
      const stored = await selectAlertSettings(sql, [customerId]);
      return stored.get(customerId) ?? unsetAlertSettings;
    });
  }

  async change(viewer: Viewer | null, customerId: string, change: AlertSettingsChange): Promise<StoredAlertSettings> {
    if (!isUuid(customerId)) throw notFound("There is no such customer.", "customerId");
    const { database, clock, audit } = this.#on;
    const now = clock.now();
    if (change.snoozedUntil !== undefined) checkSnooze(change.snoozedUntil, now);
    const given = readChange(change);
    const settings = await database.transaction(async (transaction) => {
      await refuseViewer(transaction, viewer);
      const [customer] = await transaction.query("SELECT FROM customer WHERE id = $1 FOR NO KEY UPDATE", [customerId]);
      if (customer === undefined) throw notFound("There is no such customer.", "customerId");
      const before = (await selectAlertSettings(transaction, [customerId])).get(customerId) ?? unsetAlertSettings;
      const after = { ...before, ...given };
      await transaction.query(
        `INSERT INTO alert_settings (customer_id, quiet_from_minute, quiet_to_minute, snoozed_until, default_percents,
           default_forecast, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (customer_id) DO UPDATE SET quiet_from_minute = EXCLUDED.quiet_from_minute,
           quiet_to_minute = EXCLUDED.quiet_to_minute, snoozed_until = EXCLUDED.snoozed_until,
           default_percents = EXCLUDED.default_percents, default_forecast = EXCLUDED.default_forecast,
           updated_at = EXCLUDED.updated_at`,
        [
          customerId,
          after.quietFromMinute,
          after.quietToMinute,
          after.snoozedUntil === null ? null : new Date(after.snoozedUntil),
          after.percents,
          after.forecast,
          new Date(now),
        ],
      );
      await markEvaluations(transaction, [{ customerId, dueAt: now }]);
      const subject = `customer:${customerId}`;
      const detail = { changed: Object.keys(change) };
      await audit.write(transaction, { actor: actorText(viewer), action: "alert_settings.change", subject, detail });
      return after;
    });
    this.#on.onChanged(customerId);
    return settings;
  }
}

function readChange(change: AlertSettingsChange): Partial<StoredAlertSettings> {
  const faults: Fault[] = [];
  const read: Partial<StoredAlertSettings> = {};
  if (change.quietHours !== undefined) {
    read.quietFromMinute =
      change.quietHours === null ? null : minuteOf(change.quietHours.from, "quietHours.from", faults);
    read.quietToMinute = change.quietHours === null ? null : minuteOf(change.quietHours.to, "quietHours.to", faults);
  }
  if (change.snoozedUntil !== undefined) read.snoozedUntil = change.snoozedUntil;
  if (change.defaultForecast !== undefined) read.forecast = change.defaultForecast ?? unsetAlertSettings.forecast;
  if (change.defaultPercents !== undefined) {
    read.percents = change.defaultPercents === null ? null : percentsOf(change.defaultPercents, faults);
  }
  refuse(faults);
  return read;
}

function percentsOf(texts: readonly string[], faults: Fault[]): string[] {
  const percents = texts.map((text) => percentOf(text, faults));
  if (percents.length === 0 || percents.length > MAX_PERCENTS) {
    faults.push({ path: "defaultPercents", message: `Give 1 to ${MAX_PERCENTS} thresholds in percent, or null.` });
  }
  for (const percent of percents.filter((one) => one.lte(ZERO) || one.gt(MAX_PERCENT))) {
    const message = `${formatDecimal(percent)} % is not between 0 and ${formatDecimal(MAX_PERCENT)} %.`;
    faults.push({ path: "defaultPercents", message });
  }
  const distinct = new Set(percents.map(formatDecimal));
  return [...distinct].toSorted((left, right) => compare(decimal(left), decimal(right)));
}

function compare(left: Decimal, right: Decimal): number {
  return left.cmp(right);
}

/** "22:00" is minute 1320 of the day. */
function minuteOf(text: string, path: string, faults: Fault[]): number {
  const read = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (read === null) faults.push({ path, message: 'Write a time of day, such as "22:00".' });
  return read === null ? 0 : Number(read[1]) * 60 + Number(read[2]);
}
