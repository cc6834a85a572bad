import { randomUUID } from "node:crypto";
import {
  type GraphQLArgument,
  type GraphQLInputType,
  isEnumType,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolverClasses } from "../../container.ts";
import { newCustomer } from "../../testing/test-system.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { buildApiSchema } from "../graphql/schema.ts";
import { type ApiKeyScope, apiKeyScopes } from "./viewer.ts";

let server: TestServer;
let own: string;
let other: string;
let otherExternalId: string;
let member: Record<string, string>;
let staff: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  own = await newCustomer(server, { planKey: "standard" });
  other = await newCustomer(server, { planKey: "standard" });
  const [row] = await server.container.database.query<{ external_id: string }>(
    "SELECT external_id FROM customer WHERE id = $1",
    [other],
  );
  otherExternalId = row?.external_id ?? "";
  member = { cookie: await server.signInMember(own, "member@example.com"), "x-meterline-app": "portal" };
  staff = { cookie: await server.signInStaff("staff@example.com"), "x-meterline-app": "admin" };
});
afterAll(() => server.stop());

const schema = buildApiSchema(resolverClasses);
const fieldsOf = (kind: "query" | "mutation") =>
  Object.values((kind === "query" ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {});

/** An operation on one root field, with a value for every argument that it needs. */
function operation(kind: "query" | "mutation", name: string, given: Record<string, unknown> = {}): string {
  const field = fieldsOf(kind).find((one) => one.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  const named = field.args.filter((argument) => argument.name in given || isNonNullType(argument.type));
  const values = named.map((argument: GraphQLArgument) => {
    const value = argument.name in given ? JSON.stringify(given[argument.name]) : literalOf(argument.type);
    return `${argument.name}: ${value}`;
  });
  const selection = isLeafType(getNamedType(field.type)) ? "" : " { __typename }";
  return `${kind} { ${name}${values.length > 0 ? `(${values.join(", ")})` : ""}${selection} }`;
}

function literalOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(type.ofType);
  if (isListType(type)) return `[${literalOf(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "";
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${needed.map((field) => `${field.name}: ${literalOf(field.type)}`).join(", ")} }`;
  }
  return (
    { JSONObject: "{}", DateTime: '"2026-03-01T00:00:00Z"', Int: "1", Boolean: "true", ID: `"${randomUUID()}"` }[
      type.name
    ] ?? '"x"'
  );
}

describe("nobody", () => {
  test.each([
    ...fieldsOf("query").map((field) => ["query", field.name] as const),
    ...fieldsOf("mutation").map((field) => ["mutation", field.name] as const),
  ])("may not run the %s %s: UNAUTHENTICATED", async (kind, name) => {
    const answer = await server.ask(operation(kind, name));
    expect([answer.code, answer.data?.[name] ?? null]).toEqual(["UNAUTHENTICATED", null]);
  });

  test.each([
    ["unknown", `Bearer ml_${"x".repeat(43)}`],
    ["malformed", "Bearer sk_live_1"],
    ["empty", "Bearer "],
    ["a password", "Basic dXNlcjpwYXNz"],
  ])("a key that is %s is UNAUTHENTICATED with 401, and is not repeated", async (_what, authorization) => {
    const answer = await server.ask("{ viewer { kind } }", { headers: { authorization } });
    expect([answer.status, answer.code]).toEqual([401, "UNAUTHENTICATED"]);
    expect(answer.text).not.toContain(authorization.split(" ")[1] || "\0");
  });

  test("a wrong key beside a good cookie is still refused", async () => {
    const headers = { ...staff, authorization: `Bearer ml_${"x".repeat(43)}` };
    expect((await server.ask("{ viewer { kind } }", { headers })).code).toBe("UNAUTHENTICATED");
  });

  test("a cookie counts only for its own app, and only when the request names the app", async () => {
    const ask = async (headers: Record<string, string>) => (await server.ask("{ viewer { kind } }", { headers })).code;
    const cookieOf = (one: Record<string, string>) => one["cookie"] ?? "";
    expect(await ask({ cookie: cookieOf(member), "x-meterline-app": "admin" })).toBe("UNAUTHENTICATED");
    expect(await ask({ cookie: cookieOf(staff), "x-meterline-app": "portal" })).toBe("UNAUTHENTICATED");
    expect(await ask({ cookie: cookieOf(member) })).toBe("UNAUTHENTICATED");
    expect(await ask({ cookie: cookieOf(member), "x-meterline-app": "other" })).toBe("UNAUTHENTICATED");
    expect(await ask({ cookie: cookieOf(member).replace(/.{4}$/, "AAAA"), "x-meterline-app": "portal" })).toBe(
      "UNAUTHENTICATED",
    );
    expect(await ask(member)).toBeUndefined();
    expect(await ask(staff)).toBeUndefined();
    // The member's token under the name of the staff's cookie is a session of neither.
    const renamed = cookieOf(member).replaceAll("meterline-portal", "meterline-admin");
    expect(await ask({ cookie: renamed, "x-meterline-app": "admin" })).toBe("UNAUTHENTICATED");
  });

  test("a person who signs in to the portal and belongs to no customer is nobody", async () => {
    const cookie = await server.signInMember(own, "leaver@example.com");
    await server.container.database.query(
      `DELETE FROM member WHERE user_id = (SELECT id FROM auth_portal."user" WHERE email = 'leaver@example.com')`,
    );
    const answer = await server.ask("{ viewer { kind } }", { headers: { cookie, "x-meterline-app": "portal" } });
    expect(answer.code).toBe("UNAUTHENTICATED");
  });
});

/** Which scopes open which mutation; none where only staff may. */
const scopesOf: Record<string, readonly ApiKeyScope[]> = {
  applyCatalog: ["catalog:write"],
  createApiKey: [],
  revokeApiKey: [],
  createCustomer: ["customers:write"],
  createMember: ["customers:write"],
  resetMemberPassword: [],
  updateCustomer: ["customers:write"],
  createSubscription: ["customers:write"],
  endSubscription: ["customers:write"],
  setCustomerLimit: ["customers:write"],
  endCustomerLimit: ["customers:write"],
  overrideLimit: [],
  changeAlertSettings: ["customers:write"],
  createAlertRule: ["customers:write"],
  createWebhookEndpoint: ["customers:write"],
  deleteWebhookEndpoint: ["customers:write"],
  resumeWebhookEndpoint: ["customers:write"],
  rotateWebhookSecret: ["customers:write"],
  testWebhookEndpoint: ["customers:write"],
  deleteAlertRule: ["customers:write"],
  snoozeAlertRule: ["customers:write"],
  updateAlertRule: ["customers:write"],
  recordUsage: ["usage:write"],
  recordUsageBatch: ["usage:write"],
  reserveUsage: ["usage:write"],
  leaseUsage: ["usage:write"],
  commitReservation: ["usage:write"],
  releaseReservation: ["usage:write"],
  voidUsageEvent: ["usage:write"],
  applyStripeCatalog: ["catalog:write"],
  linkStripeCustomer: ["customers:write"],
  resumeSubscription: ["customers:write"],
  stripePortalUrl: ["customers:write"],
  stripeSetupUrl: ["customers:write"],
  acceptStatement: [],
  creditLateUsage: [],
  cutOverReportChannel: [],
  decideMeterReport: [],
  invoiceLateUsage: [],
  repairDiscrepancy: [],
  replayAllMeterReports: [],
  replayMeterReports: [],
  resolveDiscrepancy: [],
  resolveStripeNotice: [],
  retryStatement: [],
  retryStripeCustomer: [],
  retryStripeWebhookEvent: [],
  rollBackReportChannel: [],
  shadowReportChannel: [],
  startReconciliation: [],
};

/** The same for queries; `viewer` is every key's. */
const scopesOfQuery: Record<string, readonly ApiKeyScope[]> = {
  alertDeliveries: ["usage:read"],
  webhookEndpoints: ["usage:read"],
  alertRulePreview: ["usage:read"],
  alertRules: ["usage:read"],
  alertSettings: ["usage:read"],
  alerts: ["usage:read"],
  apiKeys: [],
  catalogDifference: ["catalog:write"],
  checkUsage: ["usage:read", "usage:write"],
  consumption: ["usage:read"],
  customer: ["customers:write", "usage:read"],
  customers: ["customers:write"],
  limitPreview: ["usage:read"],
  limits: ["usage:read"],
  meters: ["usage:read", "usage:write", "catalog:write", "customers:write"],
  projection: ["usage:read"],
  plans: ["usage:read", "catalog:write", "customers:write"],
  usageEvents: ["usage:read"],
  usageReservations: ["usage:read"],
  usageSeries: ["usage:read"],
  viewer: apiKeyScopes,
  // Of an id that is nobody's every key hears that there is none.
  statement: apiKeyScopes,
  statements: ["usage:read"],
  stripeCatalogDifference: ["catalog:write"],
  discrepancies: [],
  meterReports: [],
  meterReportsForAttention: [],
  reconciliationRuns: [],
  reportChannelMoves: [],
  reportParity: [],
  reportingStatus: [],
  stripeEventCatchUp: [],
  stripeNotices: [],
  stripeStanding: [],
  stripeWebhookEvents: [],
  stripeWebhookRefusals: [],
  toldTotals: [],
};

/** Queries that name a customer and are for staff only: a member is refused whomever it names. */
const staffQueriesOfCustomer = new Set([
  "discrepancies",
  "meterReports",
  "meterReportsForAttention",
  "reportParity",
  "stripeStanding",
  "toldTotals",
]);

describe("a key", () => {
  test("the tables below name every mutation and query", () => {
    expect(Object.keys(scopesOf).toSorted()).toEqual(
      fieldsOf("mutation")
        .map((field) => field.name)
        .toSorted(),
    );
    expect(Object.keys(scopesOfQuery).toSorted()).toEqual(
      fieldsOf("query")
        .map((field) => field.name)
        .toSorted(),
    );
  });

  const named = (name: string): Record<string, unknown> => {
    if (name === "customer") return { id: own };
    const byCustomer = fieldsOf("query").find((field) => field.name === name)?.args ?? [];
    return byCustomer.some((argument) => argument.name === "customerId") ? { customerId: own } : {};
  };

  test.each([
    ...Object.entries(scopesOf).map(([name, scopes]) => ["mutation", name, scopes] as const),
    ...Object.entries(scopesOfQuery).map(([name, scopes]) => ["query", name, scopes] as const),
  ])("the %s %s needs one of its scopes: every other key is FORBIDDEN", async (kind, name, scopes) => {
    for (const scope of apiKeyScopes) {
      const answer = await server.ask(operation(kind, name, named(name)), { key: await server.makeKey(scope) });
      expect([name, scope, answer.code === "FORBIDDEN"]).toEqual([name, scope, !scopes.includes(scope)]);
      expect([name, scope, answer.code]).not.toEqual([name, scope, "INTERNAL"]);
    }
  });
});

describe("staff", () => {
  test("may do everything but record and reserve usage, which is a backend's", async () => {
    const refused: string[] = [];
    for (const kind of ["query", "mutation"] as const) {
      for (const { name } of fieldsOf(kind)) {
        const answer = await server.ask(operation(kind, name), { headers: staff });
        expect([name, answer.code]).not.toEqual([name, "INTERNAL"]);
        if (answer.code === "FORBIDDEN") refused.push(name);
      }
    }
    expect(refused.toSorted()).toEqual([
      "commitReservation",
      "leaseUsage",
      "recordUsage",
      "recordUsageBatch",
      "releaseReservation",
      "reserveUsage",
    ]);
  });
});

/** What owners of a customer do for themselves. */
const mutationsOfMembers = [
  "changeAlertSettings",
  "createAlertRule",
  "deleteAlertRule",
  "snoozeAlertRule",
  "updateAlertRule",
  "createWebhookEndpoint",
  "deleteWebhookEndpoint",
  "resumeWebhookEndpoint",
  "rotateWebhookSecret",
  "testWebhookEndpoint",
  "stripePortalUrl",
  "stripeSetupUrl",
];

describe("a member", () => {
  const customerScoped = fieldsOf("query").flatMap(({ name, args }) => {
    // The id of a statement names no customer; see statements.int.test.ts for whose it shows.
    const names = name === "statement" ? [] : args.map((argument) => argument.name);
    return names.filter((one) => /^(id|externalId|customerId|externalCustomerId)$/.test(one)).map((one) => [name, one]);
  });

  test("the queries that name a customer are known", () => {
    expect(customerScoped.map(([name, argument]) => `${name} ${argument}`).toSorted()).toEqual([
      "alertDeliveries customerId",
      "alertDeliveries externalCustomerId",
      "alertRules customerId",
      "alertRules externalCustomerId",
      "alertSettings customerId",
      "alertSettings externalCustomerId",
      "alerts customerId",
      "alerts externalCustomerId",
      "checkUsage customerId",
      "checkUsage externalCustomerId",
      "consumption customerId",
      "consumption externalCustomerId",
      "customer externalId",
      "customer id",
      "discrepancies customerId",
      "limitPreview customerId",
      "limitPreview externalCustomerId",
      "limits customerId",
      "limits externalCustomerId",
      "meterReports customerId",
      "meterReportsForAttention customerId",
      "projection customerId",
      "projection externalCustomerId",
      "reportParity customerId",
      "statements customerId",
      "statements externalCustomerId",
      "stripeStanding customerId",
      "toldTotals customerId",
      "usageEvents customerId",
      "usageEvents externalCustomerId",
      "usageReservations customerId",
      "usageReservations externalCustomerId",
      "usageSeries customerId",
      "usageSeries externalCustomerId",
      "webhookEndpoints customerId",
      "webhookEndpoints externalCustomerId",
    ]);
  });

  test.each(customerScoped)("%s by %s answers another customer exactly as an unknown one", async (name, argument) => {
    const external = argument?.toLowerCase().includes("external") ?? false;
    const answerFor = async (value: string) => {
      const { status, data, errors } = await server.ask(operation("query", name ?? "", { [argument ?? ""]: value }), {
        headers: member,
      });
      // Everything that the member gets to see, but for the number of the request.
      const faults = errors.map(({ message, extensions: { requestId: _, ...extensions } }) => ({
        message,
        extensions,
      }));
      return { status, data, faults };
    };
    const unknown = await answerFor(external ? "unknown" : randomUUID());
    const expected = staffQueriesOfCustomer.has(name ?? "") ? "FORBIDDEN" : "NOT_FOUND";
    expect(unknown.faults[0]?.extensions["code"]).toBe(expected);
    expect(await answerFor(external ? otherExternalId : other)).toEqual(unknown);
  });

  test("reads its own customer, by id, by external id, and without naming it", async () => {
    for (const given of [{ customerId: own }, {}]) {
      for (const name of ["consumption", "usageEvents"]) {
        const answer = await server.ask(operation("query", name, given), { headers: member });
        expect([name, answer.code]).toEqual([name, undefined]);
      }
    }
    const answer = await server.ask("{ viewer { kind customer { id } } }", { headers: member });
    expect(answer.data).toEqual({ viewer: { kind: "MEMBER", customer: { id: own } } });
  });

  test("changes what it is told of and nothing else: every other mutation is FORBIDDEN", async () => {
    for (const { name } of fieldsOf("mutation")) {
      const answer = await server.ask(operation("mutation", name), { headers: member });
      // Named is a customer that is not the member's, which is answered as if there were none.
      const expected = mutationsOfMembers.includes(name) ? "NOT_FOUND" : "FORBIDDEN";
      expect([name, answer.code]).toEqual([name, expected]);
    }
  });

  test.each(["customers", "apiKeys", "plans", "catalogDifference"])("may not read %s", async (name) => {
    expect((await server.ask(operation("query", name), { headers: member })).code).toBe("FORBIDDEN");
  });
});
