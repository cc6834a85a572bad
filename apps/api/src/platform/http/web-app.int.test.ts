import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers, redirect: "manual" });

/** Sends the path as it is; `fetch` would tidy it up first. */
function getRaw(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.config.http.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
    socket.end(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  });
}

describe.each(["portal", "admin"])("the %s app", (app) => {
  test("its page is asked for anew each time, at its root and at every path that it routes itself", async () => {
    for (const path of ["/", "/customers/4711", "/usage?from=2026-03-01", "/index.html"]) {
      const response = await get(`/${app}${path}`);
      expect([path, response.status, response.headers.get("cache-control")]).toEqual([path, 200, "no-cache"]);
      expect(await response.text()).toContain(`<title>${app}</title>`);
    }
  });

  test("an id with a dot in a path is a page where a browser goes there", async () => {
    const response = await get(`/${app}/customers/acme.inc`, { accept: "text/html,application/xhtml+xml" });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(`<title>${app}</title>`);
  });

  test("a file with a hash in its name is kept for ever", async () => {
    const response = await get(`/${app}/assets/app-1a2b3c.js`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([
      200,
      "public, max-age=31536000, immutable",
    ]);
    expect(response.headers.get("content-type")).toContain("javascript");
  });

  test("a missing file is 404, never the page, also for a browser", async () => {
    for (const [path, accept] of [
      ["/assets/app-old.js", "*/*"],
      ["/assets/app-old", "text/html"],
      ["/favicon.ico", "image/*"],
    ] as const) {
      const response = await get(`/${app}${path}`, { accept });
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.text()).not.toContain("<title>");
    }
  });

  test("the path without its slash goes to the app", async () => {
    const response = await get(`/${app}`);
    expect([response.status, response.headers.get("location")]).toEqual([302, `/${app}/`]);
  });

  test.each([
    "/../../secret.txt",
    "/..%2f..%2fsecret.txt",
    "/%2e%2e/%2e%2e/secret.txt",
    "/..\\..\\secret.txt",
    "/assets/../../../secret.txt",
    "/....//....//secret.txt",
    "//../secret.txt",
    "/%00/../secret.txt",
  ])("no path leads out of its folder: %s", async (path) => {
    const answer = await getRaw(`/${app}${path}`);
    expect(answer).toMatch(/^HTTP\/1.1 (400|403|404) /);
    expect(answer).not.toContain("a secret beside the app");
  });
});

test("the root goes to the portal", async () => {
  const response = await get("/");
  expect([response.status, response.headers.get("location")]).toEqual([302, "/portal/"]);
});

test.each(["/portal/", "/portal/assets/app-1a2b3c.js", "/graphql", "/healthz", "/api/auth/portal/ok", "/nothing"])(
  "every answer carries the security headers: %s",
  async (path) => {
    const { headers } = await get(path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-powered-by")).toBeNull();
  },
);

test("no other site may read answers or send the app's header", async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: "OPTIONS",
    headers: {
      origin: "https://evil.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "x-meterline-app",
    },
  });
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(response.status).toBeGreaterThanOrEqual(400);
});

test("an app that is not built says so, and the API runs all the same", async () => {
  const bare = await startTestServer({ environment: { PORTAL_DIR: "/nowhere/portal", ADMIN_DIR: "/nowhere/admin" } });
  try {
    const response = await fetch(`${bare.url}/portal/`);
    expect([response.status, await response.text()]).toEqual([
      503,
      "This app is not built. Run the build, then start again.",
    ]);
    expect((await fetch(`${bare.url}/readyz`)).status).toBe(200);
  } finally {
    await bare.stop();
  }
});
