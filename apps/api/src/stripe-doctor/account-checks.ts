import type { StripeGateway, StripeSettings } from "../platform/stripe/index.ts";
import type { Finding } from "./finding.ts";

const reachTimeoutMs = 10_000;
const thinTypes = ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"];

/** What must be so before anything else is worth asking: the key, the version, and where the account sends its events. */
export async function checkAccount(
  gateway: StripeGateway,
  on: { settings: StripeSettings; target: string },
): Promise<{ findings: Finding[]; apiVersion: string }> {
  const meters = await gateway.stripe.billing.meters.list({ limit: 1 });
  const apiVersion = meters.lastResponse.apiVersion ?? "not told";
  const pinned = gateway.stripe.getApiField("version");
  const findings: Finding[] = [
    {
      id: "key",
      title: "The key opens the account",
      outcome: "OK",
      expected: "a test key, or a sandbox",
      answer: `${on.settings.place}: ${on.settings.apiKey.slice(0, 8)}…`,
    },
    {
      id: "version",
      title: "The API version is the SDK's",
      outcome: apiVersion === pinned || apiVersion === "not told" ? "OK" : "FAULT",
      expected: String(pinned),
      answer: apiVersion,
    },
    await snapshotDestination(gateway, on),
    await thinDestination(gateway, on),
    await reach(on.target),
  ];
  return { findings, apiVersion };
}

/** Whether Meterline answers there, as seen from here; that Stripe can reach it too, only an event that comes shows. */
async function reach(target: string): Promise<Finding> {
  const about = {
    id: "webhook-reach",
    title: "Meterline answers where webhooks are sent",
    expected: "HTTP 400: no event",
  };
  try {
    const response = await fetch(target, { method: "POST", body: "{}", signal: AbortSignal.timeout(reachTimeoutMs) });
    await response.arrayBuffer();
    return { ...about, outcome: response.status === 400 ? "OK" : "FAULT", answer: `HTTP ${response.status}` };
  } catch (error) {
    return { ...about, outcome: "FAULT", answer: `${target} does not answer: ${(error as Error).message}` };
  }
}

async function snapshotDestination(
  { stripe }: StripeGateway,
  { settings, target }: { settings: StripeSettings; target: string },
): Promise<Finding> {
  const { data } = await stripe.webhookEndpoints.list({ limit: 100 });
  const found = data.find((one) => one.url === target && one.status === "enabled");
  return destination("snapshots", "snapshot events", {
    target,
    found: found?.id,
    hasSecret: settings.webhookSecret !== null,
    setting: "STRIPE_WEBHOOK_SECRET",
  });
}

async function thinDestination(
  { stripe }: StripeGateway,
  { settings, target }: { settings: StripeSettings; target: string },
): Promise<Finding> {
  const { data } = await stripe.v2.core.eventDestinations.list({ include: ["webhook_endpoint.url"] });
  const found = data.find(
    (one) =>
      one.event_payload === "thin" &&
      one.status === "enabled" &&
      one.webhook_endpoint?.url === target &&
      thinTypes.every((type) => one.enabled_events.includes(type)),
  );
  return destination("thin", `thin events (${thinTypes.join(", ")})`, {
    target,
    found: found?.id,
    hasSecret: settings.eventSecret !== null,
    setting: "STRIPE_EVENT_SECRET",
  });
}

function destination(
  id: string,
  what: string,
  of: { target: string; found: string | undefined; hasSecret: boolean; setting: string },
): Finding {
  const { target, found, hasSecret, setting } = of;
  const missing = [
    ...(found === undefined ? ["no enabled destination points there"] : []),
    ...(hasSecret ? [] : [`${setting} is not set`]),
  ];
  return {
    id: `webhook-${id}`,
    title: `Webhooks: ${what} come to Meterline`,
    outcome: missing.length === 0 ? "OK" : "FAULT",
    expected: `a destination with the URL ${target}, and its secret in ${setting}`,
    answer: missing.length === 0 ? `${found}` : missing.join("; "),
  };
}
