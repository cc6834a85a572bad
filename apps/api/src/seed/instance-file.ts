import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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
  await replaceFile(config.instanceFile, content);
}

/** Puts the present address into an instance file that is there, for an instance that has moved to another port. */
export async function refreshInstanceFile(config: Config): Promise<void> {
  const content = await readInstanceFile(config);
  if (content === null || content["url"] === config.http.publicUrl) return;
  await replaceFile(config.instanceFile, { ...content, url: config.http.publicUrl });
}

/** The API key in the instance file, or null when there is none. */
export async function instanceApiKey(config: Config): Promise<string | null> {
  const apiKey = (await readInstanceFile(config))?.["apiKey"];
  return typeof apiKey === "string" ? apiKey : null;
}

async function readInstanceFile(config: Config): Promise<Record<string, unknown> | null> {
  try {
    const content: unknown = JSON.parse(await readFile(config.instanceFile, "utf8"));
    return typeof content === "object" && content !== null ? (content as Record<string, unknown>) : null;
  } catch {
    // Absent or unreadable: then the instance is described anew.
    return null;
  }
}

async function replaceFile(file: string, content: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // Written aside and renamed, so that a crash leaves the old file or the new one.
  const aside = `${file}.new`;
  await rm(aside, { force: true });
  await writeFile(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(aside, file);
}
