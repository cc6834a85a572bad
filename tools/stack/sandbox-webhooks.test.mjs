import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureWebhooks } from "./sandbox-webhooks.mjs";

let stateDirectory;
let server;
/** What a stand-in would hold: destinations by id. */
let held;
let made;
beforeEach(async () => {
  stateDirectory = mkdtempSync(path.join(tmpdir(), "meterline-webhooks-"));
  held = new Set();
  made = 0;
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(stateDirectory, { recursive: true });
});

async function answer(request, response) {
  const id = request.url.split("/").at(-1);
  const send = (status, body) => response.writeHead(status).end(JSON.stringify(body));
  request.resume();
  await once(request, "end");
  if (request.method === "DELETE") send(200, { deleted: held.delete(id) });
  else if (request.method === "GET") send(held.has(id) ? 200 : 404, {});
  else {
    const name = `${id}_${made}`;
    made += 1;
    held.add(name);
    send(200, { id: name, secret: `whsec_${name}`, webhook_endpoint: { signing_secret: `whsec_${name}` } });
  }
}

const ensure = (target) =>
  ensureWebhooks({ sandboxUrl: `http://127.0.0.1:${server.address().port}`, target, stateDirectory });

test("the destinations are made once, and their secrets kept where only the owner reads them", async () => {
  const secrets = await ensure("http://127.0.0.1:1/stripe/webhooks");
  expect(secrets).toEqual({ webhook: "whsec_webhook_endpoints_0", event: "whsec_event_destinations_1" });
  expect(await ensure("http://127.0.0.1:1/stripe/webhooks")).toEqual(secrets);
  expect(held.size).toBe(2);
  const kept = JSON.parse(readFileSync(path.join(stateDirectory, "stripe-sandbox.json"), "utf8"));
  expect(kept.secrets).toEqual(secrets);
});

test("an API that has moved, or a stand-in that forgot, gets new ones in place of the old", async () => {
  await ensure("http://127.0.0.1:1/stripe/webhooks");
  const moved = await ensure("http://127.0.0.1:2/stripe/webhooks");
  expect(held.size).toBe(2);
  held.clear();
  expect(await ensure("http://127.0.0.1:2/stripe/webhooks")).not.toEqual(moved);
});
