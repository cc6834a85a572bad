import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { makeFirstStaff } from "./first-staff.ts";

let server: TestServer;
const environment = { FIRST_STAFF_EMAIL: "first@staff.example", FIRST_STAFF_PASSWORD: "a long enough password" };
beforeAll(async () => {
  server = await startTestServer({ environment });
});
afterAll(() => server.stop());

it("the first of the staff signs in with the settings' password, and later starts make nobody", async () => {
  const answer = await fetch(`${server.url}/api/auth/admin/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.config.http.publicUrl },
    body: JSON.stringify({ email: "first@staff.example", password: environment.FIRST_STAFF_PASSWORD }),
  });
  expect(answer.status).toBe(200);
  const other = {
    ...server.container,
    config: { ...server.config, firstStaff: { email: "second@staff.example", password: "another long one" } },
  };
  await makeFirstStaff(other);
  const staff = await server.container.database.query(`SELECT email FROM auth_admin."user"`);
  expect(staff).toEqual([{ email: "first@staff.example" }]);
});
