import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { type Instance, readInstance, sessionFile } from "./instance.ts";

interface Fixtures {
  /** The running installation: its address, a key with every scope, the demo's people. */
  instance: Instance;
  /** A page signed in to the portal as the first demo member; paths such as "/portal/events" work on it. */
  portal: Page;
  /** A page signed in to the admin app as the first demo member of staff. */
  admin: Page;
  /** Sends GraphQL as a product backend would, and answers `data`; GraphQL errors fail the test. */
  graphql: (query: string, variables?: Record<string, unknown>) => Promise<Record<string, unknown>>;
}

/** Playwright's `test`, with the installation under test and signed-in pages. */
export const test = base.extend<Fixtures>({
  // Playwright reads from the pattern which fixtures this one needs: none.
  instance: async ({}, use) => {
    await use(readInstance());
  },
  baseURL: async ({ instance }, use) => {
    await use(instance.url);
  },
  portal: async ({ browser, instance }, use) => {
    const context = await browser.newContext({ baseURL: instance.url, storageState: sessionFile("portal") });
    await use(await context.newPage());
    await context.close();
  },
  admin: async ({ browser, instance }, use) => {
    const context = await browser.newContext({ baseURL: instance.url, storageState: sessionFile("admin") });
    await use(await context.newPage());
    await context.close();
  },
  graphql: async ({ instance, request }, use) => {
    await use(async (query, variables = {}) => {
      const headers = { Authorization: `Bearer ${instance.apiKey}` };
      const response = await request.post("/graphql", { data: { query, variables }, headers });
      const body = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
      expect(body.errors).toBeUndefined();
      return body.data ?? {};
    });
  },
});

/** Fails with every breach of WCAG 2.1 A and AA that axe finds on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
    .analyze();
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target).join(", ")})`,
  );
  expect(found).toEqual([]);
}

/** Fails when the page is wider than the window: on a phone only a table may scroll sideways, inside itself. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
}

export { expect };
