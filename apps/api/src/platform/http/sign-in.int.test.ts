import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCustomer } from "../../testing/test-system.ts";
import { postSignIn, startTestServer, testPassword, type TestServer } from "../../testing/test-server.ts";
import { ensurePerson } from "../auth/index.ts";

let server: TestServer;
const email = "member@example.com";
const staffEmail = "staff@example.com";

beforeAll(async () => {
  server = await startTestServer();
  const customerId = await newCustomer(server);
  await server.signInMember(customerId, email);
  await server.signInStaff(staffEmail);
});
afterAll(() => server.stop());

/** What is tried counts for a minute; each test starts with a clean slate. */
async function forgetAttempts(): Promise<void> {
  for (const schema of ["auth_portal", "auth_admin"])
    await server.container.database.query(`DELETE FROM ${schema}."rateLimit"`);
}

describe.each([
  ["portal", email, "MEMBER"],
  ["admin", staffEmail, "STAFF"],
] as const)("signing in to the %s", (app, person, kind) => {
  test("opens a session in a cookie that scripts and other sites do not get", async () => {
    await forgetAttempts();
    const response = await postSignIn(server.url, app, person, testPassword);
    expect(response.status).toBe(200);
    const cookies = response.headers.getSetCookie();
    const session = cookies.find((cookie) => cookie.startsWith(`meterline-${app}.session_token=`)) ?? "";
    expect(session).toContain("HttpOnly");
    expect(session).toContain("SameSite=Lax");
    const cookie = cookies.map((one) => one.split(";", 1)[0]).join("; ");
    const asked = await server.ask("{ viewer { kind email } }", { headers: { cookie, "x-meterline-app": app } });
    expect(asked.data).toEqual({ viewer: { kind, email: person } });
  });

  test("signing out ends the session at once", async () => {
    await forgetAttempts();
    const response = await postSignIn(server.url, app, person, testPassword);
    const cookie = response.headers
      .getSetCookie()
      .map((one) => one.split(";", 1)[0])
      .join("; ");
    const left = await fetch(`${server.url}/api/auth/${app}/sign-out`, {
      method: "POST",
      headers: { cookie, origin: server.url, "content-type": "application/json" },
      body: "{}",
    });
    expect(left.status).toBe(200);
    const asked = await server.ask("{ viewer { kind } }", { headers: { cookie, "x-meterline-app": app } });
    expect(asked.code).toBe("UNAUTHENTICATED");
  });

  test("a wrong password and an unknown e-mail are told in the same words", async () => {
    await forgetAttempts();
    const answers: unknown[] = [];
    for (const [one, password] of [
      [person, "not the password"],
      ["nobody@example.com", testPassword],
    ] as const) {
      const response = await postSignIn(server.url, app, one, password);
      answers.push([response.status, await response.json()]);
    }
    expect(answers[0]).toEqual([401, expect.objectContaining({ message: "Invalid email or password" })]);
    expect(answers[1]).toEqual(answers[0]);
  });

  test("nobody signs up by themselves", async () => {
    const response = await fetch(`${server.url}/api/auth/${app}/sign-up/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url },
      body: JSON.stringify({ email: "new@example.com", name: "New", password: testPassword }),
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    const [row] = await server.container.database.query<{ count: string }>(
      `SELECT count(*) FROM auth_${app}."user" WHERE email = 'new@example.com'`,
    );
    expect(row?.count).toBe("0");
  });

  test("ten attempts a minute are taken from one address, the eleventh is refused, whatever headers it sends", async () => {
    await forgetAttempts();
    const statuses: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt += 1) {
      const response = await fetch(`${server.url}/api/auth/${app}/sign-in/email`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          origin: server.url,
          "x-forwarded-for": `10.0.0.${attempt}`,
          "x-meterline-client-address": `10.0.0.${attempt}`,
        },
        body: JSON.stringify({ email: person, password: "not the password" }),
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    await forgetAttempts();
  });

  test("a request from another site is refused", async () => {
    await forgetAttempts();
    const response = await fetch(`${server.url}/api/auth/${app}/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://evil.example", cookie: "a=b" },
      body: JSON.stringify({ email: person, password: testPassword }),
    });
    expect(response.status).toBe(403);
  });
});

test("a member's e-mail and password do not open the admin app", async () => {
  await forgetAttempts();
  expect((await postSignIn(server.url, "admin", email, testPassword)).status).toBe(401);
});

test.each(["", "a b", "evil.example:99999", "[::1"])("a Host header of %j does not break sign-in", async (host) => {
  await forgetAttempts();
  const status = await new Promise<number>((resolve, reject) => {
    const body = JSON.stringify({ email, password: testPassword });
    const sending = request(
      `${server.url}/api/auth/portal/sign-in/email`,
      { method: "POST", headers: { host, "content-type": "application/json", origin: server.url } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sending.on("error", reject);
    sending.end(body);
  });
  expect(status).toBe(200);
});

test("a person is made once: again, the password stays as it is", async () => {
  const { portal } = server.container.signIn;
  const person = { email: "once@example.com", name: "Once", password: testPassword };
  const first = await ensurePerson(portal, person);
  expect(await ensurePerson(portal, { ...person, password: "another password" })).toBe(first);
  await forgetAttempts();
  expect((await postSignIn(server.url, "portal", person.email, testPassword)).status).toBe(200);
});

test("nothing that was typed is in the log", () => {
  const log = server.logged.join("");
  for (const secret of [testPassword, "not the password", "session_token"]) expect(log).not.toContain(secret);
});
