import { existsSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";

const DEBIAN_CHROMIUM = "/usr/bin/chromium";
const executablePath = process.env["METERLINE_CHROMIUM"] || (existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : undefined);

// Without these a browser keeps asking for hosts outside, which a closed network answers late; the first two are for
// running as root and without a graphics card.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const desktop = { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 900 } };

/** `journeys/` is what people do; `screens/` looks at every page in light, dark and at a phone's width. */
export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  globalSetup: "./support/global-setup.ts",
  timeout: 60_000,
  globalTimeout: 12 * 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env["CI"]),
  reporter: "list",
  use: {
    launchOptions: { args, ...(executablePath ? { executablePath } : {}) },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    timezoneId: "UTC",
    locale: "en-US",
  },
  projects: [
    { name: "light", use: { ...desktop, colorScheme: "light" } },
    { name: "dark", testMatch: /screens\//, use: { ...desktop, colorScheme: "dark" } },
    {
      name: "phone",
      testMatch: /screens\//,
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 }, colorScheme: "light" },
    },
  ],
});
