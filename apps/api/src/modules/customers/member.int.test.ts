import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

let server: TestServer;
let key: string;
beforeAll(async () => {
  server = await startTestServer();
  key = await server.makeKey("customers:write");
});
afterAll(() => server.stop());

const create = `mutation ($input: CreateMemberInput!) {
  createMember(input: $input) { temporaryPassword member { name email role } } }`;
const newCustomer = async (externalId: string) => (await server.container.customers.create(null, { externalId })).id;
const ask = async (input: object) => {
  const { data, code, field } = await server.ask(create, { key, variables: { input } });
  return {
    created: data?.["createMember"] as { temporaryPassword: string | null; member: object } | undefined,
    code,
    field,
  };
};

const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");

describe("making a member", () => {
  it("who signs in to the portal with the password shown once, and sees the customer's bill and no other's", async () => {
    const [customerId, otherId] = [await newCustomer("acme"), await newCustomer("other")];
    const { created } = await ask({ customerId, email: "Ann@acme.example", name: "Ann (test)" });
    expect(created?.member).toEqual({ name: "Ann (test)", email: "ann@acme.example", role: "OWNER" });
    const answer = await fetch(`${server.url}/api/auth/portal/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.config.http.publicUrl },
      body: JSON.stringify({ email: "ann@acme.example", password: created?.temporaryPassword }),
    });
    expect(answer.status).toBe(200);
    const cookie = cookieOf(answer);
    const headers = { cookie, "x-meterline-app": "portal" };
    const consumption = (id: string) =>
      server.ask(`{ consumption(customerId: "${id}") { customer { externalId } } }`, { headers });
    expect((await consumption(customerId)).data).toEqual({ consumption: { customer: { externalId: "acme" } } });
    expect((await consumption(otherId)).code).toBe("NOT_FOUND");
  });

  it("again answers the same member without a password, and another customer's is a CONFLICT", async () => {
    const [customerId, otherId] = [await newCustomer("again"), await newCustomer("again-other")];
    const input = { customerId, email: "bo@again.example", name: "Bo (test)" };
    expect((await ask(input)).created?.temporaryPassword).toMatch(/^[A-Za-z0-9_-]{20}$/);
    expect((await ask(input)).created?.temporaryPassword).toBeNull();
    expect(await ask({ ...input, customerId: otherId })).toMatchObject({ code: "CONFLICT" });
  });

  it("gets another password from staff when it is lost: the old one and every session end, and no key may do it", async () => {
    const customerId = await newCustomer("lost");
    const { created } = await ask({ customerId, email: "di@lost.example", name: "Di (test)" });
    const [person] = await server.container.members.list(customerId);
    const signIn = (password: string | null | undefined, email = "di@lost.example") =>
      fetch(`${server.url}/api/auth/portal/sign-in/email`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: server.config.http.publicUrl },
        body: JSON.stringify({ email, password }),
      });
    const cookie = cookieOf(await signIn(created?.temporaryPassword));
    const whoAmI = () => server.ask("{ viewer { role } }", { headers: { cookie, "x-meterline-app": "portal" } });
    expect((await whoAmI()).data).toEqual({ viewer: { role: "OWNER" } });
    const reset = `mutation { resetMemberPassword(customerId: "${customerId}", userId: "${person?.userId}") { temporaryPassword } }`;
    expect((await server.ask(reset, { key })).code).toBe("FORBIDDEN");
    const staff = { kind: "STAFF", userId: "s", name: "S", email: "s@example.com" } as const;
    const of = { customerId, userId: person?.userId ?? "" };
    const { temporaryPassword } = await server.container.members.resetPassword(staff, of);
    expect((await whoAmI()).code).toBe("UNAUTHENTICATED");
    expect((await signIn(created?.temporaryPassword)).status).toBe(401);
    expect((await signIn(temporaryPassword)).status).toBe(200);
    const other = server.container.members.resetPassword(staff, { ...of, customerId: await newCustomer("lost-other") });
    await expect(other).rejects.toThrow("no such member");
  });

  it("names the field at fault, and makes nobody for a customer that is not there", async () => {
    const customerId = await newCustomer("faults");
    expect(await ask({ customerId, email: "not an address", name: "Cy" })).toMatchObject({
      code: "BAD_USER_INPUT",
      field: "email",
    });
    expect(await ask({ customerId, email: "cy@x.example", name: " " })).toMatchObject({
      code: "BAD_USER_INPUT",
      field: "name",
    });
    const nobody = "01890000-0000-7000-8000-000000000000";
    expect(await ask({ customerId: nobody, email: "cy@x.example", name: "Cy" })).toMatchObject({ code: "NOT_FOUND" });
    expect(
      await server.container.database.query(`SELECT FROM auth_portal."user" WHERE email = 'cy@x.example'`),
    ).toEqual([]);
  });
});
