import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newCustomer, record, usageItem } from "../../testing/test-system.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

let server: TestServer;
let own: string;
let owner: Record<string, string>;
let looker: Record<string, string>;
let staff: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  own = await newCustomer(server, { planKey: "standard" });
  owner = { cookie: await server.signInMember(own, "owner@example.com"), "x-meterline-app": "portal" };
  looker = { cookie: await server.signInMember(own, "looker@example.com"), "x-meterline-app": "portal" };
  await server.container.database.query(
    `UPDATE member SET role = 'VIEWER' WHERE user_id = (SELECT id FROM auth_portal."user" WHERE email = 'looker@example.com')`,
  );
  staff = { cookie: await server.signInStaff("staff@example.com"), "x-meterline-app": "admin" };
});
afterAll(() => server.stop());

const fields = "id kind source percents enabled snoozedUntil words amount { amountMinor }";
type Rule = { id: string; kind: string; source: string; percents: string[]; enabled: boolean; words: string };

async function ask(
  headers: Record<string, string>,
  query: string,
): Promise<{ data: unknown; code: unknown; text: string }> {
  const { data, code, text } = await server.ask(query, { headers });
  return { data, code, text };
}
const create = (headers: Record<string, string>, input: string) =>
  ask(headers, `mutation { createAlertRule(input: { customerId: "${own}", ${input} }) { ${fields} } }`);
const update = (headers: Record<string, string>, input: string) =>
  ask(headers, `mutation { updateAlertRule(input: { customerId: "${own}", ${input} }) { ${fields} } }`);
async function rules(): Promise<Rule[]> {
  const { data } = await ask(owner, `{ alertRules { ${fields} } }`);
  return (data as { alertRules: Rule[] }).alertRules;
}

describe("rules", () => {
  it("follow from the plan without anybody making them", async () => {
    expect((await rules()).map((rule) => [rule.kind, rule.source, rule.percents.join()])).toEqual([
      ["THRESHOLD", "DEFAULT", "80,100"],
      ["FORECAST", "DEFAULT", "100"],
    ]);
  });

  it("of a budget are an owner's to make, and a viewer's to look at", async () => {
    const budget = 'kind: BUDGET, basis: MONEY, amount: "250.50"';
    const made = await create(owner, budget);
    expect(made.data).toMatchObject({
      createAlertRule: {
        source: "MEMBER",
        percents: ["80", "100"],
        amount: { amountMinor: "25050" },
        words: "Tells you once a period when the bill reaches 80 and 100 % of $250.50.",
      },
    });
    expect((await create(looker, budget)).code).toBe("FORBIDDEN");
    expect((await rules()).map((rule) => rule.kind)).toContain("BUDGET");
  });

  it.each([
    ['kind: THRESHOLD, basis: ALLOWANCE, meterKey: "calls", percents: ["0"]', "percents"],
    ['kind: THRESHOLD, basis: ALLOWANCE, meterKey: "calls", percents: ["1000"]', "percents"],
    ['kind: THRESHOLD, basis: UNITS, meterKey: "calls", quantity: "-5"', "quantity"],
    ['kind: THRESHOLD, basis: UNITS, meterKey: "calls", quantity: "1e5"', "quantity"],
    ['kind: BUDGET, basis: MONEY, amount: "10.005"', "amount"],
    ['kind: BUDGET, basis: UNITS, meterKey: "calls", quantity: "5"', "basis"],
    ['kind: THRESHOLD, basis: ALLOWANCE, meterKey: "calls", channels: []', "channels"],
  ])("%s is refused by the name of what is wrong", async (input, field) => {
    const answer = await server.ask(`mutation { createAlertRule(input: { customerId: "${own}", ${input} }) { id } }`, {
      headers: owner,
    });
    expect([answer.code, answer.field]).toEqual(["BAD_USER_INPUT", field]);
  });

  it("set by staff are not the member's to change, but to snooze", async () => {
    const made = await create(staff, 'kind: THRESHOLD, basis: UNITS, meterKey: "calls", quantity: "5000"');
    const { id } = (made.data as { createAlertRule: Rule }).createAlertRule;
    expect((await update(owner, `id: "${id}", enabled: false`)).code).toBe("FORBIDDEN");
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const snooze = (at: string) =>
      ask(owner, `mutation { snoozeAlertRule(customerId: "${own}", id: "${id}", until: ${at}) { snoozedUntil } }`);
    expect((await snooze(`"${until}"`)).data).toEqual({ snoozeAlertRule: { snoozedUntil: until } });
    expect((await snooze('"2020-01-01T00:00:00Z"')).code).toBe("BAD_USER_INPUT");
    expect((await snooze("null")).data).toEqual({ snoozeAlertRule: { snoozedUntil: null } });
  });

  it("that follow from the plan can be changed and switched off, and put back as they come", async () => {
    const [threshold] = await rules();
    const id = threshold?.id ?? "";
    await update(owner, `id: "${id}", percents: ["95", "50"], enabled: false`);
    expect((await rules())[0]).toMatchObject({ id, source: "DEFAULT", percents: ["50", "95"], enabled: false });
    await ask(owner, `mutation { deleteAlertRule(customerId: "${own}", id: "${id}") { id } }`);
    expect((await rules())[0]).toMatchObject({ id, percents: ["80", "100"], enabled: true });
  });

  it("settings move the thresholds of all that follow, and quiet hours are times of day", async () => {
    const change = (input: string) =>
      ask(
        owner,
        `mutation { changeAlertSettings(input: { customerId: "${own}", ${input} }) { quietHours { from to } defaultPercents defaultForecast } }`,
      );
    const changed = await change(
      'quietHours: { from: "22:00", to: "07:00" }, defaultPercents: ["90"], defaultForecast: false',
    );
    expect(changed.data).toEqual({
      changeAlertSettings: {
        quietHours: { from: "22:00", to: "07:00" },
        defaultPercents: ["90"],
        defaultForecast: false,
      },
    });
    expect((await rules()).filter((rule) => rule.source === "DEFAULT").map((rule) => rule.percents)).toEqual([["90"]]);
    expect((await change('quietHours: { from: "24:00", to: "7" }')).code).toBe("BAD_USER_INPUT");
    expect((await change("quietHours: null, defaultPercents: null, defaultForecast: null")).data).toMatchObject({
      changeAlertSettings: { quietHours: null, defaultPercents: ["80", "100"], defaultForecast: true },
    });
  });

  it("a changed rule holds at once where usage is recorded", async () => {
    const customerId = await newCustomer(server, { planKey: "standard" });
    await record(server.container, usageItem({ customerId, quantity: "10", occurredAt: null }));
    await server.container.alerting.rules.create(null, customerId, {
      kind: "THRESHOLD",
      basis: "UNITS",
      meterKey: "calls",
      quantity: "11",
    });
    await record(server.container, usageItem({ customerId, quantity: "1", occurredAt: null }));
    const alerts = await server.ask(
      `{ alerts(customerId: "${customerId}") { nodes { thresholdQuantity sequence } } }`,
      {
        headers: staff,
      },
    );
    expect(alerts.data).toEqual({ alerts: { nodes: [{ thresholdQuantity: "11", sequence: "1" }] } });
  });
});
