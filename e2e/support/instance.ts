import { readFileSync } from "node:fs";
import path from "node:path";

/** The two web apps. */
export type Audience = "portal" | "admin";

/** Somebody of the demo to sign in as. */
export interface DemoPerson {
  email: string;
  password: string;
  /** The customer whose member this is; portal only. */
  customer?: string;
}

/** What the API under test says about itself. */
export interface Instance {
  /** Origin, without a trailing slash. */
  url: string;
  /** A key with every scope. */
  apiKey: string;
  demo: Record<Audience, DemoPerson[]>;
}

/** Reads what the API wrote when it seeded. */
export function readInstance(): Instance {
  return JSON.parse(readFileSync(path.join(stateDirectory(), "instance.json"), "utf8")) as Instance;
}

/** Where the cookies of the first demo person of an app are kept. */
export function sessionFile(audience: Audience): string {
  return path.join(stateDirectory(), `session-${audience}.json`);
}

/** Origin of the Stripe sandbox beside the API. */
export function sandboxUrl(): string {
  const url = process.env["METERLINE_E2E_SANDBOX"];
  if (!url) throw new Error("Run through Playwright: its global set-up starts the stack");
  return url;
}

function stateDirectory(): string {
  const directory = process.env["METERLINE_E2E_STATE"];
  if (!directory) throw new Error("Run through Playwright: its global set-up starts the stack");
  return directory;
}
