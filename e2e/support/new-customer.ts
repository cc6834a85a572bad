import { randomUUID } from "node:crypto";
import type { Browser, Page } from "@playwright/test";
import { readInstance } from "./instance.ts";

/** A customer of one test's own, so that its usage moves nobody else's numbers, with its member signed in to the portal. */
export type NewCustomer = {
  customerId: string;
  externalId: string;
  page: Page;
  /** Records units of a meter now; answers the rejection's code, or null when recorded. */
  record(meterKey: string, quantity: string): Promise<string | null>;
  close(): Promise<void>;
};

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** Makes one on a plan of the demo, in UTC, since the start of yesterday. */
export async function newCustomer(ask: Ask, browser: Browser, planKey: string): Promise<NewCustomer> {
  const { url } = readInstance();
  const externalId = `e2e-${randomUUID()}`;
  const { createCustomer } = (await ask(
    `mutation ($externalId: String!) { createCustomer(input: { externalId: $externalId, name: "Live (test)" }) { id } }`,
    { externalId },
  )) as { createCustomer: { id: string } };
  const startsAt = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000).toISOString();
  await ask(
    `mutation ($externalId: String!, $planKey: String!, $startsAt: DateTime!) {
      createSubscription(input: { externalCustomerId: $externalId, planKey: $planKey, startsAt: $startsAt }) { id }
    }`,
    { externalId, planKey, startsAt },
  );
  const email = `${externalId}@example.com`;
  const { createMember } = (await ask(
    `mutation ($customerId: ID!, $email: String!) {
      createMember(input: { customerId: $customerId, email: $email, name: "Lia Live" }) { temporaryPassword }
    }`,
    { customerId: createCustomer.id, email },
  )) as { createMember: { temporaryPassword: string } };
  const headers = { Origin: url, "X-Forwarded-For": addressOf(externalId) };
  const context = await browser.newContext({ baseURL: url, extraHTTPHeaders: headers });
  const signedIn = await context.request.post("/api/auth/portal/sign-in/email", {
    data: { email, password: createMember.temporaryPassword },
  });
  if (!signedIn.ok()) throw new Error(`${email} cannot sign in: ${signedIn.status()}`);
  const cookies = await context.storageState();
  await context.close();
  const own = await browser.newContext({ baseURL: url, storageState: cookies });
  return {
    customerId: createCustomer.id,
    externalId,
    page: await own.newPage(),
    async record(meterKey, quantity) {
      const { recordUsage } = (await ask(
        `mutation ($input: RecordUsageInput!) { recordUsage(input: $input) { rejection { code } } }`,
        { input: { externalCustomerId: externalId, meterKey, quantity, idempotencyKey: randomUUID() } },
      )) as { recordUsage: { rejection: { code: string } | null } };
      return recordUsage.rejection?.code ?? null;
    },
    close: () => own.close(),
  };
}

/** An address of its own for each name: `2001:db8::/32` is kept for examples. */
function addressOf(name: string): string {
  return `2001:db8:${name
    .replaceAll("-", "")
    .slice(-8)
    .replace(/(.{4})(.{4})/, "$1:$2")}::1`;
}
