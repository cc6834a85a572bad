import { afterAll, beforeAll, expect, test } from "vitest";
import { type StripeServer, startStripeServer } from "../testing/stripe-server.ts";
import type { Terminal } from "./catalog-command.ts";
import { runStripeCommand, type StripeRequest } from "./stripe-command.ts";

let server: StripeServer;
let apiKey: string;
beforeAll(async () => {
  server = await startStripeServer();
  apiKey = await server.makeKey("catalog:write");
});
afterAll(() => server?.stop());

/** Runs the command as at a terminal where the answer is given, or where nobody is. */
async function run(request: Partial<StripeRequest>, answer: boolean | null = null, key = apiKey) {
  const out: string[] = [];
  const errors: string[] = [];
  const terminal: Terminal = {
    out: (text) => out.push(text),
    error: (text) => errors.push(text),
    paint: (_color, text) => text,
    ask: answer === null ? null : async () => answer,
  };
  const connection = { url: server.url, apiKey: key };
  const code = await runStripeCommand({ command: "plan", json: false, yes: false, ...request }, connection, terminal);
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

const meters = async () => (await server.stripe.billing.meters.list({ limit: 100 })).data.length;

test("plan shows what is missing at Stripe, and makes nothing", async () => {
  const { code, out } = await run({});
  expect(code).toBe(0);
  expect(out).toMatch(/^\+ meters\.calls +new meter with the event name calls: sum$/m);
  expect(out).toMatch(/\d+ to make, 0 to adopt, 0 to supersede, 0 to put right\.$/);
  expect(await meters()).toBe(0);
});

test("apply asks; a no, and nobody there, make nothing", async () => {
  expect((await run({ command: "apply" }, false)).code).toBe(0);
  expect(await run({ command: "apply" })).toMatchObject({ code: 2, errors: expect.stringContaining("--yes") });
  expect(await meters()).toBe(0);
});

test("a yes does it, and the second time there is nothing to do", async () => {
  const applied = await run({ command: "apply" }, true);
  expect(applied).toMatchObject({ code: 0, errors: "" });
  expect(applied.out).toMatch(/\d+ done at Stripe\.$/);
  expect((await run({ command: "apply", yes: true })).out).toMatch(
    /Nothing to do: Stripe has what the catalog needs\.$/,
  );
  const json = JSON.parse((await run({ json: true })).out) as { applied: number; changes: object[] };
  expect(json.applied).toBe(0);
});

test("a key that may not, and a Stripe that is away, are told", async () => {
  const key = await server.makeKey("usage:read");
  expect(await run({}, null, key)).toMatchObject({ code: 1, errors: expect.stringContaining("catalog:write") });
  server.sandbox.faults.add({ effect: { kind: "fail", status: 500 }, path: "/v1/", method: null, rate: 1, left: null });
  expect(await run({})).toMatchObject({ code: 1, errors: expect.stringContaining("Stripe could not be asked") });
  server.sandbox.faults.clear();
});
