import { rmSync } from "node:fs";
import { request } from "@playwright/test";
import { freePort, makeTestFolder } from "@meterline/testkit";
import { Stack } from "../../tools/stack/stack.mjs";
import { type Audience, readInstance, sessionFile } from "./instance.ts";

/** Starts everything as `npm start` does, on free ports and an empty database with the demo in it; ends it afterwards. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const stateDirectory = await makeTestFolder();
  const { DATABASE_URL: _, ...environment } = process.env;
  const sandboxPort = await freePort();
  process.env["METERLINE_E2E_SANDBOX"] = `http://127.0.0.1:${sandboxPort}`;
  const stack = new Stack({
    stateDirectory,
    port: await freePort(),
    databasePort: await freePort(),
    sandboxPort,
    env: {
      ...environment,
      SEED_DEMO: "true",
      MAILBOX: "true",
      WEBHOOK_ALLOW_LOOPBACK: "true",
      // Usage is told to Stripe within the second, so that a test sees it.
      REPORT_EVERY_MS: "1000",
      // Sign-in counts tries by address; each customer of a test's own comes from another one.
      TRUST_PROXY: "true",
    },
    say: (text) => process.stdout.write(`${text}\n`),
    giveUp: (reason) => process.stderr.write(`${reason}\n`),
  });
  process.env["METERLINE_E2E_STATE"] = stateDirectory;
  const stop = async () => {
    await stack.stop();
    if (!process.env["METERLINE_E2E_KEEP"]) rmSync(stateDirectory, { recursive: true, force: true });
  };
  try {
    await stack.startDatabase();
    await stack.startSandbox();
    await stack.startApi();
    // Once for all tests: sign-in refuses whoever tries too often.
    await saveSession("portal");
    await saveSession("admin");
  } catch (error) {
    await stop();
    throw new Error("The stack under test did not start", { cause: error });
  }
  return stop;
}

async function saveSession(audience: Audience): Promise<void> {
  const { url, demo } = readInstance();
  const person = demo[audience][0];
  if (!person) throw new Error(`The demo has nobody for the ${audience}`);
  const context = await request.newContext({ baseURL: url, extraHTTPHeaders: { Origin: url } });
  const { email, password } = person;
  const response = await context.post(`/api/auth/${audience}/sign-in/email`, { data: { email, password } });
  if (!response.ok()) throw new Error(`${email} cannot sign in to the ${audience}: ${response.status()}`);
  await context.storageState({ path: sessionFile(audience) });
  await context.dispose();
}
