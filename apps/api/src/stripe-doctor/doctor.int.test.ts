import { expect, onTestFinished, test } from "vitest";
import { webhookPath } from "../platform/stripe/webhooks/index.ts";
import { startStripe, testStripeSettings } from "../platform/stripe/stripe.testing.ts";
import { systemClock } from "../platform/clock.ts";
import { startStripeServer } from "../testing/stripe-server.ts";
import { examine } from "./doctor.ts";
import { summaryText } from "./doctor-text.ts";
import type { Finding } from "./finding.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 20)));
const brief = (findings: readonly Finding[]) => findings.map(({ id, outcome }) => `${outcome} ${id}`);
const times = { patienceMs: 20_000, now: () => systemClock.now(), wait };

test("of an account that answers as Meterline expects, every question has its answer, and what was made is cleared away", async () => {
  const { sandbox, gateway } = await startStripe({ sandbox: { tickMs: 10, lagMs: 50 } });
  onTestFinished(() => sandbox.close());
  const told: Finding[] = [];
  const report = await examine({
    gateway,
    settings: testStripeSettings(sandbox),
    target: "http://127.0.0.1:1/stripe/webhooks",
    ...times,
    tell: (finding) => told.push(finding),
  });
  expect(report.findings).toEqual(told);
  expect(brief(report.findings).filter((line) => !line.startsWith("OK"))).toEqual([
    "FAULT webhook-snapshots",
    "FAULT webhook-thin",
    "FAULT webhook-reach",
    "ASK grace-period",
  ]);
  expect(summaryText(report, "x.json")).toContain("NOT of Stripe");
  expect((await gateway.stripe.customers.list()).data).toEqual([]);
  expect((await gateway.stripe.prices.list({ active: true })).data).toEqual([]);
  expect((await gateway.stripe.billing.meters.list()).data.map((meter) => meter.status)).toEqual(["inactive"]);
});

test("an account that answers otherwise is told apart: rounding by tier, errors by report only", async () => {
  const { sandbox, gateway } = await startStripe({
    sandbox: { tickMs: 10, lagMs: 50, graduatedRounding: "tier", asyncCheckRate: 1, errorReportDelayMs: 0 },
  });
  onTestFinished(() => sandbox.close());
  const settings = testStripeSettings(sandbox);
  const report = await examine({ gateway, settings, target: "http://127.0.0.1:1/", ...times, tell: () => undefined });
  const of = (id: string) => report.findings.find((finding) => finding.id === id);
  expect(of("rounding")).toMatchObject({ outcome: "FAULT", expected: "1 cents", answer: "2 cents" });
  expect(of("error-report")).toMatchObject({ outcome: "OK", answer: expect.stringContaining("a report after") });
});

test("destinations that point at Meterline, with their secrets, are found", async () => {
  const server = await startStripeServer();
  onTestFinished(() => server.stop());
  const settings = server.config.stripe;
  if (settings === null) throw new Error("Stripe is configured");
  const target = `${server.url}${webhookPath}`;
  const told: Finding[] = [];
  // Its clock stands still, so the questions that wait for Stripe are not asked for long.
  const at = { patienceMs: 0, now: () => server.clock.now(), wait };
  await examine({ gateway: server.gateway, settings, target, ...at, tell: (finding) => told.push(finding) });
  expect(brief(told).slice(0, 5)).toEqual([
    "OK key",
    "OK version",
    "OK webhook-snapshots",
    "OK webhook-thin",
    "OK webhook-reach",
  ]);
});

test("a live key is refused before anything is made", async () => {
  const { sandbox, gateway } = await startStripe();
  onTestFinished(() => sandbox.close());
  const settings = testStripeSettings(sandbox, { place: "LIVE" });
  await expect(examine({ gateway, settings, target: "", ...times, tell: () => undefined })).rejects.toThrow(
    "test account",
  );
});
