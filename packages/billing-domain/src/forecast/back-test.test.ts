import { describe, expect, it } from "vitest";
import { decimal, formatDecimal, sumDecimals } from "../decimal.ts";
import { DAY_MS } from "../window.ts";
import { missingData, readDataSet } from "./data-set.testing.ts";
import { forecastPeriod, type ForecastUsage } from "./forecast-period.ts";

/** A month cut on a day, what was forecast for it then, and what came. As shares of what came. */
type Trial = { cutDay: number; error: number; runRateError: number; inside: boolean; width: number };

const file = "forecast-dev.csv.gz";
const rows = readDataSet(file);
const cutDays = [5, 15, 25];
const leastDaysBefore = 28;

describe("forecasts of real usage", () => {
  it("months cut on three days: median error below 9 %, four of five inside the band", (context) => {
    if (rows === null) return context.skip(missingData(file));
    const series = Map.groupBy(rows, (row) => row[0] ?? "");
    const trials: Trial[] = [];
    const report: string[] = [];
    for (const [name, points] of series) {
      const own = trialsOf(points);
      trials.push(...own);
      report.push(line(name, own));
    }
    for (const cutDay of cutDays) {
      report.push(
        line(
          `all, cut on day ${cutDay}`,
          trials.filter((trial) => trial.cutDay === cutDay),
        ),
      );
    }
    process.stdout.write(`${report.join("\n")}\n${line("all", trials)}\n`);
    expect(median(trials.map((trial) => trial.error))).toBeLessThan(0.09);
    expect(mean(trials.map((trial) => trial.error))).toBeLessThan(mean(trials.map((trial) => trial.runRateError)));
    const covered = trials.filter((trial) => trial.inside).length / trials.length;
    expect(covered).toBeGreaterThan(0.76);
    expect(covered).toBeLessThan(0.9);
  }, 120_000);
});

function trialsOf(rows: readonly string[][]): Trial[] {
  const points = rows.map((row) => ({ at: Date.parse(`${row[3]}Z`), quantity: decimal(Number(row[4]).toFixed(12)) }));
  const hourly = rows[0]?.[1] === "hour";
  const days = [...Map.groupBy(points, (point) => Math.floor(point.at / DAY_MS) * DAY_MS)].map(
    ([startAt, own]): ForecastUsage => ({ startAt, quantity: sumDecimals(own.map((one) => one.quantity)) }),
  );
  const first = days[0]?.startAt ?? 0;
  const end = (days.at(-1)?.startAt ?? 0) + DAY_MS;
  const trials: Trial[] = [];
  for (let month = monthAfter(first); monthAfter(month) <= end; month = monthAfter(month)) {
    const period = { startAt: month, endAt: monthAfter(month) };
    if (period.startAt - first < leastDaysBefore * DAY_MS) continue;
    const actual = sumBetween(days, period.startAt, period.endAt);
    if (actual.lte("0")) continue;
    for (const cutDay of cutDays) {
      const now = period.startAt + cutDay * DAY_MS;
      const used = sumBetween(days, period.startAt, now);
      const forecast = forecastPeriod({
        aggregation: "SUM",
        period,
        now,
        timeZone: "UTC",
        used,
        days: days.filter((day) => day.startAt < now),
        hours: hourly
          ? points
              .filter((point) => point.at < now && point.at >= now - 28 * DAY_MS)
              .map((point) => ({ startAt: point.at, quantity: point.quantity }))
          : [],
      });
      const share = (value: typeof actual) => Number(formatDecimal(value.div(actual)));
      const runRate = used
        .times(BigInt(period.endAt - period.startAt).toString())
        .div(BigInt(now - period.startAt).toString());
      trials.push({
        cutDay,
        error: Math.abs(share(forecast.expected) - 1),
        runRateError: Math.abs(share(runRate) - 1),
        inside: actual.gte(forecast.low) && actual.lte(forecast.high),
        width: share(forecast.high.minus(forecast.low)),
      });
    }
  }
  return trials;
}

function sumBetween(days: readonly ForecastUsage[], from: number, to: number) {
  const own = days.filter((day) => day.startAt >= from && day.startAt < to);
  return sumDecimals(own.map((day) => day.quantity ?? decimal("0")));
}

function monthAfter(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function line(name: string, trials: readonly Trial[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8);
  const errors = trials.map((trial) => trial.error);
  const runRates = trials.map((trial) => trial.runRateError);
  const inside = trials.filter((trial) => trial.inside).length / Math.max(1, trials.length);
  return (
    `${name.padEnd(30)} ${String(trials.length).padStart(5)} error ${percent(median(errors))} median ${percent(mean(errors))} mean;` +
    ` run rate ${percent(median(runRates))} ${percent(mean(runRates))}; in band ${percent(inside)}, band ${percent(median(trials.map((trial) => trial.width)))} wide`
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}
