import { graphql, type GraphQLSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AuditLog } from "../../platform/audit/index.ts";
import { type ApiKeyScope, type Viewer, ViewerResolver } from "../../platform/auth/index.ts";
import { FrozenClock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { openTestDatabase } from "../../platform/database/database.testing.ts";
import { buildApiSchema } from "../../platform/graphql/schema.ts";
import { CustomerEntity, CustomerResolver, CustomerService, ViewerCustomerResolver } from "../customers/index.ts";
import {
  BillingChanges,
  BillingProfiles,
  CatalogResolver,
  CatalogService,
  CustomerSubscriptionResolver,
  Meters,
  SubscriptionResolver,
  SubscriptionService,
} from "./index.ts";

const clock = new FrozenClock(Date.parse("2026-11-23T09:00:00Z"));
const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const key = (...scopes: ApiKeyScope[]): Viewer => ({
  kind: "API_KEY",
  keyId: "k1",
  name: "Key",
  scopes: new Set(scopes),
});
const member = (customerId: string): Viewer => ({
  kind: "MEMBER",
  userId: "m1",
  name: "M",
  email: "m@example.com",
  customerId,
});
let database: Database;
let close: () => Promise<void>;
let schema: GraphQLSchema;
let acme: string;
let other: string;

beforeAll(async () => {
  ({ database, close } = await openTestDatabase([CustomerEntity]));
  const audit = new AuditLog(clock);
  const meters = new Meters(database);
  const profiles = new BillingProfiles(database);
  const catalog = new CatalogService({ database, clock, audit, meters });
  const customers = new CustomerService({ database, clock, audit, profiles });
  const changes = new BillingChanges({ database, profiles });
  const subscriptions = new SubscriptionService({ database, clock, audit, changes });
  const instances = new Map<unknown, unknown>([
    [ViewerResolver, new ViewerResolver()],
    [CustomerResolver, new CustomerResolver({ customers })],
    [ViewerCustomerResolver, new ViewerCustomerResolver({ customers })],
    [CatalogResolver, new CatalogResolver({ catalog, meters })],
    [SubscriptionResolver, new SubscriptionResolver({ subscriptions })],
    [CustomerSubscriptionResolver, new CustomerSubscriptionResolver({ database, clock })],
  ]);
  schema = buildApiSchema([...instances.keys()] as Parameters<typeof buildApiSchema>[0], instances as never);
  const card = { meterKey: "calls", model: "PERCENTAGE", ratePercent: "2.9", freeAmount: "1000" };
  const plans = [
    {
      key: "pro",
      name: "Pro",
      currency: "USD",
      baseAmount: "49.5",
      interval: "MONTH",
      intervalCount: 1,
      rateCards: [card],
    },
  ];
  const file = { meters: [{ key: "calls", name: "Calls", unit: "calls", aggregation: "SUM" }], plans };
  await catalog.apply(null, file, (await catalog.difference(file)).digest);
  acme = (await customers.create(null, { externalId: "acme", name: "Acme" })).id;
  other = (await customers.create(null, { externalId: "other", name: "Other" })).id;
});
afterAll(() => close());

async function ask(viewer: Viewer | null, source: string): Promise<{ data: unknown; code: unknown; field: unknown }> {
  const result = await graphql({ schema, source, contextValue: { viewer, requestId: "r1" } });
  const [error] = result.errors ?? [];
  return {
    data: result.data ?? null,
    code: error?.extensions["code"] ?? error?.message,
    field: error?.extensions["field"],
  };
}

const subscribe = (
  input: string,
) => `mutation { createSubscription(input: { ${input}, planKey: "pro" }) { startsAt anchorAt endsAt
  plan { planKey version currency interval intervalCount baseFee { amountMinor currency }
    rateCards { meterKey model includedQuantity definition } } } }`;

test("a key with customers:write puts a customer on a plan, and the plan is shown as it was priced", async () => {
  const answer = await ask(
    key("customers:write"),
    subscribe('externalCustomerId: "acme", startsAt: "2026-01-31T10:00:00.25+01:00"'),
  );
  expect(answer).toEqual({
    code: undefined,
    field: undefined,
    data: {
      createSubscription: {
        startsAt: "2026-01-31T09:00:00.000Z",
        anchorAt: "2026-01-31T09:00:00.000Z",
        endsAt: null,
        plan: {
          planKey: "pro",
          version: 1,
          currency: "USD",
          interval: "MONTH",
          intervalCount: 1,
          baseFee: { amountMinor: "4950", currency: "USD" },
          rateCards: [
            {
              meterKey: "calls",
              model: "PERCENTAGE",
              includedQuantity: "1000",
              definition: { meterKey: "calls", model: "PERCENTAGE", ratePercent: "2.9", freeAmount: "1000" },
            },
          ],
        },
      },
    },
  });
});

test("a customer's subscription is the one at an instant: from its start, and none before", async () => {
  const at = async (instant: string) => {
    const { data } = await ask(
      staff,
      `{ customer(externalId: "acme") { subscription(at: "${instant}") { plan { planKey } } } }`,
    );
    return data;
  };
  expect(await at("2026-01-31T09:00:00Z")).toEqual({ customer: { subscription: { plan: { planKey: "pro" } } } });
  expect(await at("2026-01-31T08:59:59.999Z")).toEqual({ customer: { subscription: null } });
});

test("a list reads the subscriptions of all its customers at once", async () => {
  const reads = vi.spyOn(database, "snapshot");
  const { data } = await ask(staff, "{ customers { totalCount nodes { name subscription { plan { name } } } } }");
  expect(data).toEqual({
    customers: {
      totalCount: 2,
      nodes: [
        { name: "Acme", subscription: { plan: { name: "Pro" } } },
        { name: "Other", subscription: null },
      ],
    },
  });
  // One for the page and its count, one for the subscriptions.
  expect(reads).toHaveBeenCalledTimes(2);
  reads.mockRestore();
});

describe("walls", () => {
  test("a member sees its own customer and plan, by itself and by id", async () => {
    const shown = "{ name subscription { plan { planKey } } }";
    const own = { name: "Acme", subscription: { plan: { planKey: "pro" } } };
    expect((await ask(member(acme), `{ viewer { kind customer ${shown} } }`)).data).toEqual({
      viewer: { kind: "MEMBER", customer: own },
    });
    expect((await ask(member(acme), `{ customer(id: "${acme}") ${shown} }`)).data).toEqual({ customer: own });
    expect((await ask(staff, `{ viewer { customer ${shown} } }`)).data).toEqual({ viewer: { customer: null } });
  });

  test("a member is told the same of another's customer as of none", async () => {
    const wrong = "00000000-0000-4000-8000-000000000000";
    for (const by of [`id: "${other}"`, 'externalId: "other"', `id: "${wrong}"`, 'externalId: "none"', 'id: "x"'])
      expect(await ask(member(acme), `{ customer(${by}) { id } }`)).toMatchObject({
        data: { customer: null },
        code: "NOT_FOUND",
      });
  });

  test.each<[string, Viewer | null, string, string]>([
    ["nobody", null, "{ customers { totalCount } }", "UNAUTHENTICATED"],
    ["a member lists", member("00000000-0000-4000-8000-000000000000"), "{ customers { totalCount } }", "FORBIDDEN"],
    ["a member reads plans", member("00000000-0000-4000-8000-000000000000"), "{ plans { key } }", "FORBIDDEN"],
    ["a usage key lists", key("usage:read", "usage:write"), "{ customers { totalCount } }", "FORBIDDEN"],
    [
      "a usage key creates",
      key("usage:write"),
      'mutation { createCustomer(input: { externalId: "x" }) { id } }',
      "FORBIDDEN",
    ],
    [
      "a customers key edits the catalog",
      key("customers:write"),
      "{ catalogDifference(catalog: {}) { digest } }",
      "FORBIDDEN",
    ],
    ["a catalog key subscribes", key("catalog:write"), subscribe('externalCustomerId: "other"'), "FORBIDDEN"],
    ["a usage:write key reads a customer", key("usage:write"), '{ customer(externalId: "acme") { id } }', "FORBIDDEN"],
  ])("%s: %#", async (_, viewer, source, code) => {
    expect((await ask(viewer, source)).code).toBe(code);
  });
});

test.each([
  ["customers(first: 0) { totalCount }", "first"],
  ["customers(first: 201) { totalCount }", "first"],
  ['customers(after: "x") { totalCount }', "after"],
  ["customer { id }", "id"],
  ['customer(externalId: "acme") { subscription(at: "today") { id } }', "at"],
])("%s is refused by the name of its argument", async (source, field) => {
  expect(await ask(staff, `{ ${source} }`)).toMatchObject({ code: "BAD_USER_INPUT", field });
});
