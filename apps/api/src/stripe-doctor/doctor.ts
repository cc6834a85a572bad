import type { StripeGateway, StripeSettings } from "../platform/stripe/index.ts";
import { checkAccount } from "./account-checks.ts";
import { probeBilling } from "./billing-probes.ts";
import type { Finding, Report } from "./finding.ts";
import { probeDeactivated, probeUsage } from "./usage-probes.ts";
import { doctorEventName, replyOf, type Workbench } from "./workbench.ts";

/** What a run stands on. `target` is where the account's webhooks should point. */
export type DoctorParts = {
  gateway: StripeGateway;
  settings: StripeSettings;
  target: string;
  patienceMs: number;
  now(): number;
  wait(ms: number): Promise<void>;
  /** Told of each finding as it is made. */
  tell(finding: Finding): void;
};

/**
 * Checks an account step by step, and asks it every question that its documentation leaves open. What it makes there it
 * clears away, but for one deactivated meter. Never with a live key.
 */
export async function examine(parts: DoctorParts): Promise<Report> {
  const { gateway, settings, tell, now } = parts;
  if (settings.place === "LIVE")
    throw new Error("The doctor makes customers and usage: use the key of a test account.");
  const account = await checkAccount(gateway, parts);
  const findings = account.findings;
  for (const finding of findings) tell(finding);
  const cleanUp: (() => Promise<unknown>)[] = [];
  try {
    const bench = await prepare(parts, cleanUp);
    for (const probe of [probeUsage, probeBilling, probeDeactivated]) {
      for (const finding of await probe(bench)) {
        findings.push(finding);
        tell(finding);
      }
    }
  } finally {
    for (const work of cleanUp.toReversed()) await replyOf(work());
  }
  return { place: settings.place, apiVersion: account.apiVersion, ranAt: new Date(now()).toISOString(), findings };
}

async function prepare(parts: DoctorParts, cleanUp: (() => Promise<unknown>)[]): Promise<Workbench> {
  const { gateway, patienceMs, now, wait } = parts;
  const { billing, customers } = gateway.stripe;
  const known = (await billing.meters.list({ limit: 100 })).data.find((one) => one.event_name === doctorEventName);
  const meter =
    known === undefined
      ? await billing.meters.create({
          display_name: "Meterline doctor",
          event_name: doctorEventName,
          default_aggregation: { formula: "sum" },
        })
      : known.status === "inactive"
        ? await billing.meters.reactivate(known.id)
        : known;
  const { id: customer } = await customers.create({ name: "Meterline doctor" });
  cleanUp.push(() => customers.del(customer));
  const startS = Math.floor(now() / 60_000) * 60;
  return { gateway, meter, customer, startS, patienceMs, now, wait, later: (work) => void cleanUp.push(work) };
}
