import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Config } from "../config.ts";
import { demoCustomers, demoPassword, demoStaffEmail } from "./demo-customers.ts";

/** Says where this instance is and how to get in; for the start-up message and the command-line tools. */
export async function writeInstanceFile(config: Config, apiKey: string): Promise<void> {
  const content = {
    url: config.http.publicUrl,
    apiKey,
    demo: {
      portal: demoCustomers.map((customer) => ({
        email: customer.memberEmail,
        password: demoPassword,
        customer: customer.name,
        externalCustomerId: customer.externalId,
      })),
      admin: [{ email: demoStaffEmail, password: demoPassword }],
    },
  };
  await mkdir(dirname(config.instanceFile), { recursive: true });
  // Written aside and renamed, so that a crash leaves the old file or the new one.
  const aside = `${config.instanceFile}.new`;
  await writeFile(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(aside, config.instanceFile);
}

/** The API key in the instance file, or null when there is none. */
export async function instanceApiKey(config: Config): Promise<string | null> {
  try {
    const content = JSON.parse(await readFile(config.instanceFile, "utf8")) as { apiKey?: unknown };
    return typeof content.apiKey === "string" ? content.apiKey : null;
  } catch {
    // Absent or unreadable: then the instance is described anew.
    return null;
  }
}
