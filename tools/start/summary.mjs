import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * What the API writes about itself when it seeds.
 * @typedef {object} InstanceFile
 * @property {string} apiKey
 * @property {{ portal: DemoSignIn[], admin: DemoSignIn[] }} [demo]
 * @typedef {{ email: string, password: string, customer?: string, externalCustomerId?: string }} DemoSignIn
 */

const RECORD_USAGE =
  "mutation ($input: RecordUsageInput!) { recordUsage(input: $input) { outcome event { id quantity } rejection { code message } } }";

/**
 * Everything a person needs to go on, as text.
 * @param {string} stateDirectory @param {number} port @param {number} [sandboxPort] of the stand-in for Stripe
 */
export function summary(stateDirectory, port, sandboxPort) {
  const file = path.join(stateDirectory, "instance.json");
  /** @type {Partial<InstanceFile>} */
  const instance = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const url = process.env["PUBLIC_URL"] || `http://localhost:${port}`;
  const parts = [
    `Meterline is running.\n\n  Portal   ${url}/portal/\n  Admin    ${url}/admin/\n  Mailbox  ${url}/mailbox\n  GraphQL  ${url}/graphql`,
  ];
  if (sandboxPort !== undefined) parts.push(sandbox(`http://127.0.0.1:${sandboxPort}`));
  if (instance.demo) parts.push(signIns(instance.demo));
  if (instance.apiKey) parts.push(recordUsage(url, instance.apiKey, instance.demo?.portal[0]));
  parts.push(
    "Import a file of usage:\n\n  npm run import -- FILE.csv.gz --meter api_requests --customer customer_id --quantity requests \\\n" +
      "    --time window_start --key customer_id,window_start --property model --create-customers starter",
  );
  parts.push(`Logs are in ${path.join(stateDirectory, "logs")}. Ctrl-C stops everything.`);
  return `\n${parts.join("\n\n")}\n`;
}

/** @param {string} url */
function sandbox(url) {
  const advance = `curl -s -X POST ${url}/_sandbox/clock -H 'Content-Type: application/json' -d '{"advanceMs": 86400000, "stopAtInvoices": true}'`;
  return (
    `Usage is billed through a local stand-in for Stripe; a STRIPE_API_KEY uses Stripe instead:\n\n  Sandbox  ${url}/\n\n` +
    `Its time is Meterline's time here. A day later, or at the next invoice if one comes before (its draft waits an hour):\n\n  ${advance}`
  );
}

/** @param {NonNullable<InstanceFile["demo"]>} demo */
function signIns(demo) {
  const line = (/** @type {string} */ app, /** @type {DemoSignIn} */ { email, password, customer }) =>
    `  ${app.padEnd(7)}  ${email}  ${password}${customer ? `  ${customer}` : ""}`;
  const lines = [...demo.portal.map((one) => line("Portal", one)), ...demo.admin.map((one) => line("Admin", one))];
  return `Demo sign-ins (e-mail, password):\n\n${lines.join("\n")}`;
}

/** @param {string} url @param {string} apiKey @param {DemoSignIn | undefined} member */
function recordUsage(url, apiKey, member) {
  const externalCustomerId = member?.externalCustomerId ?? member?.customer ?? "CUSTOMER";
  const input = { externalCustomerId, meterKey: "api_requests", quantity: "1", idempotencyKey: "first-try" };
  const body = JSON.stringify({ query: RECORD_USAGE, variables: { input } });
  const headers = `-H 'Content-Type: application/json' -H 'Authorization: Bearer ${apiKey}'`;
  return `Record usage (again with the same key it answers DUPLICATE):\n\n  curl -s ${url}/graphql \\\n    ${headers} \\\n    -d '${body}'`;
}
