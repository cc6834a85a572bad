import { formatDecimal } from "@meterline/billing-domain";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Viewer } from "../../platform/auth/index.ts";
import { FrozenClock } from "../../platform/clock.ts";
import { newCustomer, record, testNow, usageItem } from "../../testing/test-system.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const hour = 3_600_000;
const march = Date.parse("2026-03-01T00:00:00Z");
const april = Date.parse("2026-04-01T00:00:00Z");
const may = Date.parse("2026-05-01T00:00:00Z");

const clock = new FrozenClock(testNow);
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock });
});
beforeEach(() => clock.set(testNow));
afterAll(() => server?.stop());

const freeze = (customerId: string) => server.container.closing.freezer.freezeCustomer(customerId);

async function statementsOf(customerId: string, viewer: Viewer = staff) {
  const { profiles, closing } = server.container;
  const [profile] = await profiles.find([{ customerId, externalCustomerId: null }]);
  if (!profile) throw new Error("the customer is there");
  const { nodes } = await closing.statements.list(viewer, profile, { first: 20, after: null });
  return Promise.all(
    nodes.map(async (statement) => ({
      ...statement,
      lines: await closing.statements.lines(viewer, { ...statement, currency: statement.total.currency }),
    })),
  );
}

/** A customer of "standard" with 1,600.5 calls in March, frozen: 20.00 and 12.5025. */
async function closedMarch(): Promise<string> {
  const customerId = await newCustomer(server, { planKey: "standard" });
  await record(server.container, usageItem({ customerId, quantity: "1600.5" }));
  clock.set(april + hour);
  await freeze(customerId);
  return customerId;
}

describe("a statement without Stripe", () => {
  it("is final with the freeze: the base fee in arrears, and each line as it was priced", async () => {
    const [statement, ...others] = await statementsOf(await closedMarch());
    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      kind: "PERIOD_END",
      state: "FINAL",
      window: { startAt: march, endAt: april },
      total: { amountMinor: 3250n, currency: "USD" },
      invoice: null,
      finalAt: april + hour,
    });
    expect(statement?.lines.map((line) => [line.key, line.amount.amountMinor, line.model])).toEqual([
      ["base-fee", 2000n, null],
      ["usage:calls", 1250n, "GRADUATED"],
      ["usage:peak", 0n, "PER_UNIT"],
      ["usage:seats", 0n, "PER_UNIT"],
    ]);
    const calls = statement?.lines[1]?.rated;
    expect(calls && formatDecimal(calls.unroundedAmount)).toBe("12.5025");
    expect(calls?.tiers.map((tier) => tier.label)).toEqual(["Included allowance", "Tier 1", "Tier 2"]);
  });

  it("says what the bill of its period says, late lines included", async () => {
    const customerId = await closedMarch();
    await record(server.container, usageItem({ customerId, quantity: "100" }));
    clock.set(may + hour);
    await freeze(customerId);
    const { profiles, consumption } = server.container;
    const [profile] = await profiles.find([{ customerId, externalCustomerId: null }]);
    if (!profile) throw new Error("the customer is there");
    const [statement] = await statementsOf(customerId);
    const bill = await consumption.consumption(staff, profile, april);
    expect(statement?.total).toEqual(bill.total);
    const late = statement?.lines.find((line) => line.kind === "LATE_USAGE");
    // 500.5 calls at half a cent were 2.5025; 600.5 are 3.0025: the line goes from 12.50 to 13.00.
    expect(late).toMatchObject({ meterKey: "calls", window: { startAt: march, endAt: april } });
    expect(late?.amount.amountMinor).toBe(50n);
    expect(late?.billed?.amount.amountMinor).toBe(1250n);
    expect(late?.rated?.amount.amountMinor).toBe(1300n);
  });

  it("never changes: not in SQL either", async () => {
    const [statement] = await statementsOf(await closedMarch());
    const { database } = server.container;
    const change = (sql: string) => database.query(sql, [statement?.id]);
    await expect(change("UPDATE statement SET total_minor = 0 WHERE id = $1")).rejects.toThrow("written once");
    await expect(change("DELETE FROM statement WHERE id = $1")).rejects.toThrow("written once");
    await expect(change("UPDATE statement_line SET amount_minor = 0 WHERE statement_id = $1")).rejects.toThrow(
      "written",
    );
  });

  it("is written with the freeze or not at all", async () => {
    const customerId = await newCustomer(server, { planKey: "standard" });
    await server.container.database.query(
      `INSERT INTO statement (customer_id, id, kind, period_start, period_end, subscription_id, currency, total_minor, state, issued_at)
       VALUES ($1, gen_random_uuid(), 'PERIOD_END', $2, $3, gen_random_uuid(), 'USD', 0, 'PREPARING', now())`,
      [customerId, new Date(march), new Date(april)],
    );
    clock.set(april + hour);
    await expect(freeze(customerId)).rejects.toThrow("statement");
    const [row] = await server.container.database.query<{ count: string }>(
      "SELECT count(*) FROM frozen_period WHERE customer_id = $1",
      [customerId],
    );
    expect(row?.count).toBe("0");
  });
});

type StatementsData = {
  statements: { nodes: { periodStart: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
};

describe("statements over GraphQL", () => {
  const list = `query ($customerId: ID, $first: Int, $after: String) {
    statements(customerId: $customerId, first: $first, after: $after) {
      nodes { id state periodStart total { amountMinor } lines { key tiers { label } } invoice { hostedUrl } }
      pageInfo { hasNextPage endCursor }
    }
  }`;
  const one = "query ($id: ID!) { statement(id: $id) { id lines { key } } }";

  it("a member sees its own, page by page, and nobody else's", async () => {
    const customerId = await newCustomer(server, { planKey: "weekly" });
    clock.set(Date.parse("2026-03-29T01:00:00Z"));
    await freeze(customerId);
    const other = await closedMarch();
    const cookie = await server.signInMember(customerId, "statements@example.com");
    const asMember = (query: string, variables: object) =>
      server.ask(query, { variables, headers: { cookie, "x-meterline-app": "portal" } });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data, errors } = await asMember(list, { first: 3, after });
      expect(errors).toEqual([]);
      const { nodes, pageInfo } = (data as StatementsData).statements;
      seen.push(...nodes.map((node) => node.periodStart.slice(0, 10)));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen.sort()).toEqual(["2026-03-01", "2026-03-08", "2026-03-15", "2026-03-22"]);
    const [foreign] = await statementsOf(other);
    expect((await asMember(one, { id: foreign?.id })).data).toEqual({ statement: null });
    expect((await asMember(list, { customerId: other, first: 1 })).code).toBe("NOT_FOUND");
    const [own] = await statementsOf(customerId);
    expect((await asMember(one, { id: own?.id })).data).toEqual({
      statement: { id: own?.id, lines: [{ key: "base-fee" }, { key: "usage:calls" }] },
    });
  });

  it("a bad cursor, an unknown id and a key without the scope are told apart", async () => {
    const customerId = await closedMarch();
    const key = await server.makeKey("usage:read");
    expect((await server.ask(list, { key, variables: { customerId, after: "x" } })).code).toBe("BAD_USER_INPUT");
    expect((await server.ask(list, { key, variables: { customerId, first: 201 } })).code).toBe("BAD_USER_INPUT");
    expect((await server.ask(one, { key, variables: { id: "nothing" } })).data).toEqual({ statement: null });
    const writer = await server.makeKey("usage:write");
    expect((await server.ask(list, { key: writer, variables: { customerId } })).code).toBe("FORBIDDEN");
  });
});
