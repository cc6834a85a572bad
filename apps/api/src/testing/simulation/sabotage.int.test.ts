import { createTestDatabase, type TestDatabase } from "@meterline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openGates } from "./gates.ts";
import { runSchedule, type Sabotage } from "./run-schedule.ts";
import type { Schedule, Step } from "./schedule.ts";
import { SimulationDatabase } from "./simulation-database.ts";
import type { NetworkRequest } from "./stripe-network.ts";
import type { World } from "./world.ts";

/** A simulation that cannot fail says nothing: here the product is broken on purpose, and the rules must tell. */

let owned: TestDatabase;
let database: SimulationDatabase;
let closeGates: () => void;
beforeAll(async () => {
  closeGates = openGates();
  owned = await createTestDatabase();
  database = await SimulationDatabase.open(owned);
});
afterAll(async () => {
  await database?.close();
  await owned?.drop();
  closeGates?.();
});

const usage = (key: string, quantity: string): Step => ({
  do: "record",
  items: [{ key, customer: 0, meterKey: "calls", quantity, agoMs: 0, properties: null }],
});
const minutes = (count: number): Step => ({ do: "wait", ms: count * 60_000, attended: false });
const told: Step = { do: "work", steps: ["plan", "send"] };
const closed: Step = { do: "work", steps: ["webhooks", "sync", "plan", "send", "settle", "close"] };

function scheduleOf(steps: Step[]): Schedule {
  const sandbox = { lagMs: 0, lagJitterMs: 0, asyncCheckRate: 0, duplicateRate: 0, duplicateEventRate: 0 };
  return {
    seed: 1,
    startAt: Date.UTC(2026, 2, 2),
    testClocks: false,
    plans: ["sprint"],
    sandbox: { ...sandbox, reorderRate: 0 },
    steps,
  };
}

/** The rule that broke; "none" where all held. */
async function brokenRule(steps: Step[], sabotage: Sabotage): Promise<string> {
  const { failure } = await runSchedule(scheduleOf(steps), database, sabotage);
  return failure?.rule ?? "none";
}

const untouched: Sabotage = { rests: false };
const sql = (text: string) => async (world: World) => {
  await world.database.admin.query(`SET session_replication_role = replica; ${text}; RESET session_replication_role`);
};

describe("what Stripe was told", () => {
  const lost: Step[] = [
    usage("a", "7"),
    { do: "fault", fault: { effect: "LOST_REPLY", requests: 1 } },
    told,
    minutes(10),
    told,
    minutes(1),
  ];

  test("a lost reply alone breaks nothing", async () => {
    expect(await brokenRule(lost, untouched)).toBe("none");
  });

  test("a sender that repeats under a new name after a lost reply is caught", async () => {
    let tries = 0;
    const renamed = (request: NetworkRequest): NetworkRequest => {
      if (!request[2].endsWith("/meter_events") || tries++ === 0) return request;
      const form = new URLSearchParams(String(request[5]));
      form.set("identifier", `${form.get("identifier")}again`);
      const body = form.toString();
      const length = { "Content-Length": String(Buffer.byteLength(body)) };
      const headers = { ...(request[4] as Record<string, string>), ...length, "Idempotency-Key": "another" };
      return request.with(4, headers).with(5, body) as NetworkRequest;
    };
    expect(await brokenRule(lost, { ...untouched, rewrite: renamed })).toBe("STRIPE_TOTAL");
  });

  test("a delta that is planned and never told is caught", async () => {
    const steps = [usage("a", "7"), told, minutes(1), usage("b", "5"), { do: "work", steps: ["plan"] } as Step];
    const skipped = sql("DELETE FROM meter_report WHERE state = 'PENDING'");
    expect(await brokenRule(steps, { ...untouched, spoil: skipped })).toBe("STRIPE_TOTAL");
  });
});

describe("what is derived and what is closed", () => {
  const steps: Step[] = [usage("a", "700"), told];

  test("untouched, all rules hold to the end of the period and past it", async () => {
    const { failure, counts } = await runSchedule(scheduleOf(steps), database);
    expect([failure, counts.tickets]).toEqual([null, 0]);
  });

  test.each([
    ["an event is lost", "DELETE FROM usage_event", "EVENTS"],
    ["a rollup is off", "UPDATE usage_rollup SET quantity_sum = quantity_sum + 1", "RECOUNT"],
    ["a period total is off", "UPDATE usage_period_total SET quantity_sum = quantity_sum + 1", "RECOUNT"],
    ["a frozen quantity changes", "UPDATE frozen_usage SET quantity = quantity + 1", "CLOSED_CHANGED"],
    ["a closed line is a cent more", "UPDATE statement_line SET amount_minor = amount_minor + 1", "CLOSED_CHANGED"],
    ["a final statement is gone", "DELETE FROM statement WHERE state = 'FINAL'", "CLOSED_CHANGED"],
    ["a report waits for ever", "UPDATE meter_report SET state = 'UNCERTAIN'", "REPORTS_UNSETTLED"],
  ])("%s: caught", async (_what, text, rule) => {
    expect(await brokenRule(steps, { spoil: sql(text) })).toBe(rule);
  });

  test("a period that is frozen at the wrong quantity is caught", async () => {
    const end: Step = { do: "period-end", customer: 0, offsetMs: 3_700_000 };
    const before = [...steps, end];
    const spoil = async (world: World) => {
      await sql("UPDATE usage_period_total SET quantity_sum = quantity_sum + 1")(world);
      await world.process.step(({ closing }) =>
        closing.freezer.freezeDue({ until: Number.POSITIVE_INFINITY, onFailure: () => undefined }),
      );
    };
    expect(await brokenRule([...before], { ...untouched, spoil })).toBe("FROZEN_BILL");
    expect(await brokenRule([...before, closed], untouched)).not.toBe("FROZEN_BILL");
  });
});
