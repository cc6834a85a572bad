import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decimal } from "../decimal.ts";
import { dataFile, missingData, readDataSet } from "./data-set.testing.ts";
import { unusualUsage } from "./unusual-usage.ts";

const file = "cloudwatch-anomalies.csv.gz";
const rows = readDataSet(file);
const labels = dataFile("cloudwatch-anomalies-labels.json");
const hourMs = 3_600_000;
/** A rule tells of the same thing once a day. */
const restMs = 24 * hourMs;

describe("spikes and drops in labelled metrics", () => {
  it("a third of the windows that people marked are hit, with one alert outside of any in 19 days of a metric", (context) => {
    if (rows === null || labels === null) return context.skip(missingData(file));
    const windows = JSON.parse(readFileSync(labels, "utf8")) as Record<string, { windows: [string, string][] }>;
    let [hits, marked, falseAlerts, days] = [0, 0, 0, 0];
    const report: string[] = [];
    for (const [name, points] of Map.groupBy(rows, (row) => row[0] ?? "")) {
      const spans = (windows[name]?.windows ?? []).map(([from, to]) => [at(from), at(to)] as const);
      const alerts = alertsOf(points);
      const inside = (one: number) => spans.some(([from, to]) => one >= from && one - hourMs <= to);
      const hit = spans.filter(([from, to]) => alerts.some((one) => one >= from && one - hourMs <= to)).length;
      const outside = alerts.filter((one) => !inside(one)).length;
      hits += hit;
      marked += spans.length;
      falseAlerts += outside;
      days += points.length / 288;
      report.push(`${name.padEnd(34)} ${hit} of ${spans.length} windows hit, ${outside} alerts outside`);
    }
    report.push(
      `all: ${hits} of ${marked} windows hit, ${falseAlerts} alerts outside in ${days.toFixed(0)} days of 17 metrics`,
    );
    process.stdout.write(`${report.join("\n")}\n`);
    expect(hits / marked).toBeGreaterThan(0.36);
    expect(falseAlerts / days).toBeLessThan(0.055);
  }, 60_000);
});

function at(text: string): number {
  return Date.parse(`${text.replace(" ", "T").slice(0, 19)}Z`);
}

/** The ends of the hours at which an alert would have been raised. */
function alertsOf(points: readonly string[][]): number[] {
  const byHour = Map.groupBy(points, (row) => Math.floor(at(row[1] ?? "") / hourMs));
  const first = Math.min(...byHour.keys());
  const last = Math.max(...byHour.keys());
  const quantities = [];
  for (let hour = first; hour <= last; hour += 1) {
    // A gap in the readings is no drop: the hour is taken to be as the one before.
    const own = byHour.get(hour) ?? byHour.get(hour - 1) ?? [];
    const mean = own.reduce((sum, row) => sum + Number(row[2]), 0) / Math.max(1, own.length);
    quantities.push(decimal(mean.toFixed(6)));
  }
  const alerts: number[] = [];
  const silentUntil = { SPIKE: 0, DROP: 0 };
  for (let count = 1; count <= quantities.length; count += 1) {
    const endAt = (first + count) * hourMs;
    const found = unusualUsage({ quantities: quantities.slice(0, count), endAt });
    if (found === null || endAt < silentUntil[found.kind]) continue;
    alerts.push(endAt);
    silentUntil[found.kind] = endAt + restMs;
  }
  return alerts;
}
