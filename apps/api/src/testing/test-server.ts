import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, freePort } from "@meterline/testkit";
import { type Config, readConfig } from "../config.ts";
import type { Container } from "../container.ts";
import { type ApiKeyScope, apiKeyScopes, ensurePerson } from "../platform/auth/index.ts";
import type { Clock } from "../platform/clock.ts";
import { createLogger } from "../platform/observability/index.ts";
import { startServer } from "../server.ts";
import { testCatalog } from "./test-catalog.ts";

/** What GraphQL answered, and how. */
export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  data: Record<string, unknown> | null;
  errors: { message: string; extensions: Record<string, unknown> }[];
  /** `extensions.code` of the first error. */
  code: unknown;
  /** `extensions.field` of the first error. */
  field: unknown;
};

/** The real server on a port of its own, with built web apps that are small stand-ins. */
export type TestServer = {
  url: string;
  config: Config;
  container: Container;
  databaseUrl: string;
  /** What it logged, a JSON object a line. */
  logged: string[];
  /** Sends an operation; an API key, when given, as a backend would. */
  ask(query: string, options?: { key?: string; variables?: object; headers?: Record<string, string> }): Promise<Answer>;
  makeKey(...scopes: ApiKeyScope[]): Promise<string>;
  /** Makes a member of the customer and answers the cookie that the portal would send. */
  signInMember(customerId: string, email: string): Promise<string>;
  signInStaff(email: string): Promise<string>;
  stop(): Promise<void>;
};

/** The password of everybody that a test signs in. */
export const testPassword = "a password of the tests";

/** Starts one. With `databaseUrl` on that (migrated) database, which is then the caller's to drop. */
export async function startTestServer(
  options: { databaseUrl?: string; environment?: Record<string, string>; clock?: Clock } = {},
): Promise<TestServer> {
  const owned = options.databaseUrl === undefined ? await createTestDatabase() : null;
  const databaseUrl = options.databaseUrl ?? owned?.url ?? "";
  const stateDirectory = await mkdtemp(join(tmpdir(), "meterline-server-"));
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    STATE_DIR: stateDirectory,
    PORT: String(await freePort()),
    PORTAL_DIR: await makeWebApp(stateDirectory, "portal"),
    ADMIN_DIR: await makeWebApp(stateDirectory, "admin"),
    RUN_WORKER: "false",
    ...options.environment,
  });
  const logged: string[] = [];
  const logger = createLogger("info", { write: (line) => void logged.push(line) });
  const server = await startServer(config, { logger, ...(options.clock ? { clock: options.clock } : {}) });
  const { container } = server;
  const url = `http://127.0.0.1:${config.http.port}`;
  const { digest } = await container.catalog.difference(testCatalog);
  await container.catalog.apply(null, testCatalog, digest);
  return {
    url,
    config,
    container,
    databaseUrl,
    logged,
    ask: (query, { key, variables, headers } = {}) =>
      postGraphql(url, JSON.stringify({ query, variables }), {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      }),
    makeKey: async (...scopes) => (await container.apiKeys.create(null, { name: "test", scopes })).secret,
    async signInMember(customerId, email) {
      const userId = await ensurePerson(container.signIn.portal, { email, name: "Member", password: testPassword });
      await container.members.add(null, { customerId, userId, role: "OWNER" });
      return signIn(url, "portal", email);
    },
    async signInStaff(email) {
      await ensurePerson(container.signIn.admin, { email, name: "Staff", password: testPassword });
      return signIn(url, "admin", email);
    },
    async stop() {
      await server.stop();
      await owned?.drop();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** Every scope there is. */
export const allScopes: readonly ApiKeyScope[] = apiKeyScopes;

/** Sends a body as it is to /graphql. */
export async function postGraphql(url: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  const parsed = (text.startsWith("{") ? JSON.parse(text) : {}) as Partial<Answer>;
  const errors = parsed.errors ?? [];
  return {
    status: response.status,
    headers: response.headers,
    text,
    data: parsed.data ?? null,
    errors,
    code: errors[0]?.extensions["code"],
    field: errors[0]?.extensions["field"],
  };
}

/** Sends an e-mail and a password to a web app's sign-in. */
export function postSignIn(url: string, app: "portal" | "admin", email: string, password: string): Promise<Response> {
  return fetch(`${url}/api/auth/${app}/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ email, password }),
  });
}

async function signIn(url: string, app: "portal" | "admin", email: string): Promise<string> {
  const response = await postSignIn(url, app, email, testPassword);
  if (response.status !== 200) throw new Error(`sign-in answered ${response.status}: ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}

async function makeWebApp(folder: string, name: string): Promise<string> {
  // Under a folder called assets, which must not make every file of the app one that never changes.
  const directory = join(folder, "assets", name);
  await mkdir(join(directory, "assets"), { recursive: true });
  await writeFile(join(directory, "index.html"), `<!doctype html><title>${name}</title>`);
  await writeFile(join(directory, "assets", "app-1a2b3c.js"), "export {};");
  await writeFile(join(folder, "secret.txt"), "a secret beside the app");
  return directory;
}
