import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Any test key opens the stand-in. */
export const sandboxKey = "sk_test_sandbox";

/** Thin events that Meterline works; all snapshot events are sent, and what nobody works is recorded as ignored. */
const THIN_EVENTS = ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"];

/** @typedef {{ webhook: string, event: string }} WebhookSecrets */
/** @typedef {{ sandboxUrl: string, target: string, endpoint: string, destination: string, secrets: WebhookSecrets }} Kept */

/**
 * Points the stand-in's webhooks at the API, snapshot and thin events each to a destination of their own, and answers
 * what signs them. A secret is only told when its destination is made, so both are kept in a file; where the stand-in has
 * forgotten them, or the API has moved, they are made anew.
 * @param {{ sandboxUrl: string, target: string, stateDirectory: string }} options @returns {Promise<WebhookSecrets>}
 */
export async function ensureWebhooks({ sandboxUrl, target, stateDirectory }) {
  const file = path.join(stateDirectory, "stripe-sandbox.json");
  const kept = read(file);
  if (kept && kept.sandboxUrl === sandboxUrl && kept.target === target && (await isThere(sandboxUrl, kept)))
    return kept.secrets;
  if (kept) await remove(sandboxUrl, kept);
  const made = await make(sandboxUrl, target);
  writeFileSync(`${file}.new`, JSON.stringify(made, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made.secrets;
}

/** @param {string} file @returns {Kept | undefined} */
function read(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Half written by a machine that lost its power: then it is made anew.
    return undefined;
  }
}

/** @param {string} url @param {Kept} kept */
async function isThere(url, kept) {
  const endpoint = await call(url, "GET", `/v1/webhook_endpoints/${kept.endpoint}`);
  const destination = await call(url, "GET", `/v2/core/event_destinations/${kept.destination}`);
  return endpoint.ok && destination.ok;
}

/** @param {string} url @param {Kept} kept */
async function remove(url, kept) {
  await call(url, "DELETE", `/v1/webhook_endpoints/${kept.endpoint}`);
  await call(url, "DELETE", `/v2/core/event_destinations/${kept.destination}`);
}

/** @param {string} url @param {string} target @returns {Promise<Kept>} */
async function make(url, target) {
  const snapshots = new URLSearchParams({ url: target, "enabled_events[0]": "*" });
  const endpoint = await made(await call(url, "POST", "/v1/webhook_endpoints", snapshots));
  const thin = {
    name: "Meterline",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: THIN_EVENTS,
    webhook_endpoint: { url: target },
    include: ["webhook_endpoint.signing_secret"],
  };
  const destination = await made(await call(url, "POST", "/v2/core/event_destinations", thin));
  return {
    sandboxUrl: url,
    target,
    endpoint: endpoint.id,
    destination: destination.id,
    secrets: { webhook: endpoint.secret, event: destination.webhook_endpoint.signing_secret },
  };
}

/** @param {Response} response */
async function made(response) {
  if (!response.ok) throw new Error(`The Stripe sandbox refused a webhook destination: ${await response.text()}`);
  return /** @type {Promise<any>} */ (response.json());
}

/** @param {string} url @param {string} method @param {string} at @param {URLSearchParams | object} [body] */
function call(url, method, at, body) {
  const isForm = body instanceof URLSearchParams;
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  return fetch(`${url}${at}`, {
    method,
    headers: { authorization: `Bearer ${sandboxKey}`, ...(body ? { "content-type": type } : {}) },
    ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  });
}
