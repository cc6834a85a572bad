import { graphql, type GraphQLSchema } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolverClasses } from "../../container.ts";
import type { Viewer } from "../../platform/auth/index.ts";
import { buildApiSchema } from "../../platform/graphql/schema.ts";
import { type ReportingBench, startReporting } from "./reporting.testing.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
let bench: ReportingBench;
let schema: GraphQLSchema;
let customer: { customerId: string; stripeCustomerId: string };
beforeAll(async () => {
  bench = await startReporting();
  schema = buildApiSchema(resolverClasses, bench.system.container.resolvers as never);
  customer = await bench.linkedCustomer();
  for (const quantity of ["1", "2", "4"]) {
    await bench.use(customer.customerId, quantity);
    await bench.planner.planDue();
  }
});
afterAll(() => bench.close());

async function ask(source: string, viewer: Viewer | null = staff) {
  const answer = await graphql({ schema, source, contextValue: { viewer } });
  return {
    data: (answer.data ?? {}) as Record<string, unknown>,
    codes: answer.errors?.map((one) => one.extensions["code"]),
  };
}
const line = () => `customerId: "${customer.customerId}", meterKey: "calls", periodStart: "2026-03-01T00:00:00Z"`;

test("staff see how reporting is doing: backlog, lag, deadlines", async () => {
  bench.system.clock.advance(90_000);
  const { data } = await ask(
    "{ reportingStatus { isConfigured lagSeconds alarm untoldLines counts { state count } deadlines { kind hoursLeft alarm } } }",
  );
  expect(data["reportingStatus"]).toMatchObject({
    isConfigured: false,
    lagSeconds: 90,
    alarm: "NONE",
    untoldLines: 0,
    deadlines: [{ kind: "TIMESTAMP", hoursLeft: 839, alarm: "NONE" }],
  });
  expect((data["reportingStatus"] as { counts: object[] } | undefined)?.counts).toContainEqual({
    state: "PENDING",
    count: 3,
  });
});

test("reports of a customer, meter and period, latest first, in pages, with the told total beside ours", async () => {
  const fields = "nodes { sequence delta totalAfter state deadlines { kind } } pageInfo { hasNextPage endCursor }";
  type Page = { nodes: { sequence: number; delta: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  const first = (await ask(`{ meterReports(${line()}, first: 2) { ${fields} } }`)).data?.["meterReports"] as Page;
  expect(first.nodes.map((one) => [one.sequence, one.delta])).toEqual([
    [3, "4"],
    [2, "2"],
  ]);
  const after = first.pageInfo.endCursor;
  const rest = (await ask(`{ meterReports(${line()}, first: 2, after: "${after}") { ${fields} } }`)).data;
  expect((rest["meterReports"] as Page).nodes.map((one) => one.sequence)).toEqual([1]);
  await bench.newSender().drain();
  const told = `{ toldTotals(customerId: "${customer.customerId}", periodStart: "2026-03-01T00:00:00Z") { meterKey ours planned told confirmed pending } }`;
  expect((await ask(told)).data["toldTotals"]).toEqual([
    { meterKey: "calls", ours: "7", planned: "7", told: "7", confirmed: "0", pending: 0 },
  ]);
});

test("dead letters are listed with their reason and replayed; a decision needs an uncertain report", async () => {
  const lost = await bench.linkedCustomer();
  await bench.use(lost.customerId, "5");
  await bench.planner.planDue();
  await bench.gateway.stripe.customers.del(lost.stripeCustomerId);
  await bench.newSender().drain();
  const { data } = await ask("{ meterReportsForAttention { nodes { id customerId state failureCode meterKey } } }");
  const { nodes } = data["meterReportsForAttention"] as { nodes: { id: string }[] };
  expect(nodes).toMatchObject([
    { customerId: lost.customerId, state: "DEAD", failureCode: "resource_missing", meterKey: "calls" },
  ]);
  const id = nodes[0]?.id ?? "";
  const decide = (reason: string) =>
    ask(`mutation { decideMeterReport(id: "${id}", wasCounted: true, reason: "${reason}") { state } }`);
  expect((await decide("looked")).codes).toEqual(["CONFLICT"]);
  expect((await decide(" ")).codes).toEqual(["BAD_USER_INPUT"]);
  const replay = `mutation { replayMeterReports(ids: ["${id}", "nothing"]) { replayed tooOld } }`;
  expect((await ask(replay)).data["replayMeterReports"]).toEqual({ replayed: 1, tooOld: 0 });
  expect((await ask("{ meterReportsForAttention { nodes { id } } }")).data["meterReportsForAttention"]).toEqual({
    nodes: [],
  });
  const all = 'mutation { replayAllMeterReports(failureCode: "resource_missing", meterKey: "calls") { replayed } }';
  expect((await ask(all)).data["replayAllMeterReports"]).toEqual({ replayed: 0 });
});

test("moves between channels, and a sheet only where Stripe is configured", async () => {
  const of = `customerId: "${customer.customerId}"`;
  expect((await ask(`mutation { cutOverReportChannel(${of}) { to } }`)).codes).toEqual(["CONFLICT"]);
  const shadow = await ask(`mutation { shadowReportChannel(${of}) { from to cutOverAt } }`);
  expect(shadow.data["shadowReportChannel"]).toEqual({ from: "RECORDS", to: "EVENTS", cutOverAt: null });
  expect((await ask("{ reportChannelMoves { customerId to } }")).data["reportChannelMoves"]).toEqual([
    { customerId: customer.customerId, to: "EVENTS" },
  ]);
  expect((await ask(`{ reportParity(${of}) { meterKey } }`)).codes).toEqual(["UNAVAILABLE"]);
});

test("nobody but staff sees or does any of it", async () => {
  const member: Viewer = { kind: "MEMBER", userId: "m", name: "M", email: "m@example.com", ...customer };
  for (const viewer of [member, null]) {
    for (const source of [
      "{ reportingStatus { lagSeconds } }",
      `{ meterReports(${line()}) { nodes { id } } }`,
      "{ meterReportsForAttention { nodes { id } } }",
      'mutation { replayMeterReports(ids: ["x"]) { replayed } }',
      "{ reportChannelMoves { to } }",
      `mutation { rollBackReportChannel(customerId: "${customer.customerId}") { to } }`,
    ]) {
      expect((await ask(source, viewer)).codes).toEqual([viewer === null ? "UNAUTHENTICATED" : "FORBIDDEN"]);
    }
  }
});
