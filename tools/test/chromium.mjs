import { existsSync } from "node:fs";
import { run } from "../bootstrap/command.mjs";
import { inRepository } from "../bootstrap/places.mjs";

const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * A Chromium to test in: the machine's own, or installed by whichever way works here.
 * @param {NodeJS.ProcessEnv} env @returns {Promise<string>} its path; "" for the one that Playwright keeps
 */
export async function provideChromium(env) {
  const chosen = env["METERLINE_CHROMIUM"];
  if (chosen) return chosen;
  const installed = INSTALLED.find((file) => existsSync(file));
  if (installed) return installed;
  /** @type {string[]} */
  const refusals = [];
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const refusal = await attempt(() => aptInstall(env));
    if (!refusal) return "/usr/bin/chromium";
    refusals.push(`apt-get: ${refusal}`);
  }
  const playwright = inRepository("node_modules", ".bin", "playwright");
  const refusal = await attempt(() =>
    run(playwright, ["install", "chromium"], { env, title: "playwright install chromium" }),
  );
  if (!refusal) return "";
  refusals.push(`Playwright: ${refusal}`);
  throw new Error(
    "There is no Chromium to test in, and none could be installed. Install it (on Debian: apt-get install chromium) or " +
      `name one in METERLINE_CHROMIUM.\n\n${refusals.join("\n\n")}`,
  );
}

/** @param {NodeJS.ProcessEnv} env */
async function aptInstall(env) {
  const apt = { env: { ...env, DEBIAN_FRONTEND: "noninteractive" } };
  await run("apt-get", ["update", "-q"], apt);
  // A font is not among the browser's own needs, and without one every text is boxes.
  const packages = ["chromium", "fonts-liberation"];
  await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages], apt);
}

/** @param {() => Promise<unknown>} work @returns {Promise<string>} why it failed; "" when it did not */
async function attempt(work) {
  try {
    await work();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
