import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PeriodEndBench, startPeriodEnds } from "./period-end.testing.ts";

const minute = 60_000;

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds({ isDeaf: true });
});
afterAll(() => bench?.stop());

type Heard = { type: string; state: string; deliveries: number; caught_up: boolean };
const inbox = () =>
  bench.container.database.query<Heard>(
    "SELECT type, state, deliveries, caught_up FROM stripe_webhook_event ORDER BY occurred_at, id",
  );
const reportStates = async (customerId: string) =>
  (
    await bench.container.database.query<{ state: string }>(
      "SELECT state FROM meter_report WHERE customer_id = $1 ORDER BY sequence",
      [customerId],
    )
  ).map((row) => row.state);

async function catchUp(): Promise<number> {
  const { catchUp: worker } = bench.container.stripe;
  if (worker === null) throw new Error("Stripe is configured");
  await worker.want();
  await worker.work.drain();
  const rows = (await bench.ask("{ stripeEventCatchUp { family found lastError } }", { headers: await staffHeaders() }))
    .data?.["stripeEventCatchUp"] as { found: number; lastError: string | null }[];
  expect(rows.map((row) => row.lastError)).toEqual([null, null]);
  return rows.reduce((sum, row) => sum + row.found, 0);
}

let cookie: string | undefined;
async function staffHeaders() {
  cookie ??= await bench.signInStaff("deaf@example.com");
  return { cookie, "x-meterline-app": "admin" };
}

describe("what happened while the API was down", () => {
  it("is listed at Stripe and worked, without any webhook being sent again", async () => {
    const { container, clock, stripe, sandbox } = bench;
    // The catch-up begins with the installation: nothing is there yet.
    expect(await catchUp()).toBe(0);

    const customer = await bench.subscribe();
    await bench.use(customer, "3", { meterKey: "peak" });
    await container.reporting.planner.planDue();
    await container.reporting.sending?.sender.drain();
    // Accepted, and refused a moment later, when the meter was deactivated for a while.
    const [meter] = (await stripe.billing.meters.list({ limit: 100 })).data.filter((one) => one.event_name === "peak");
    await stripe.billing.meters.deactivate(meter?.id ?? "");
    await sandbox.process();
    await stripe.billing.meters.reactivate(meter?.id ?? "");
    clock.advance(minute);
    await sandbox.process();
    clock.advance(2 * minute);
    await bench.work();
    expect(await inbox()).toEqual([]);
    expect(await reportStates(customer.customerId)).toEqual(["ACCEPTED"]);
    expect(await bench.statements(customer)).toEqual([]);

    const found = await catchUp();
    expect(found).toBe((await inbox()).length);
    expect((await inbox()).map((event) => event.type)).toEqual(
      expect.arrayContaining([
        "invoice.created",
        "billing.meter.deactivated",
        "v1.billing.meter.error_report_triggered",
      ]),
    );
    await bench.work();
    const heard = await inbox();
    expect(heard.every((event) => event.caught_up && event.deliveries === 0)).toBe(true);
    expect(heard.filter((event) => event.state !== "DONE" && event.state !== "IGNORED")).toEqual([]);
    expect(await reportStates(customer.customerId)).toEqual(["REFUSED"]);
    expect(await bench.statements(customer)).toMatchObject([{ kind: "START", state: "FINAL" }]);

    // Listed again it is nothing new.
    clock.advance(5 * minute);
    expect(await catchUp()).toBe(found);
  });

  it("goes on page by page from where a killed process was, and leaves what may still arrive to the next pass", async () => {
    const { container, clock, stripe } = bench;
    const customer = await stripe.customers.create();
    const before = (await inbox()).length;
    // A hundred and some events: two pages.
    for (let count = 0; count < 103; count += 1) await stripe.invoices.create({ customer: customer.id });
    expect(await catchUp()).toBe(before);
    clock.advance(2 * minute);
    const { rawRequest } = stripe;
    let pages = 0;
    const dying = (async (...call: Parameters<typeof rawRequest>) => {
      pages += 1;
      if (pages === 2) throw new Error("killed");
      return rawRequest.apply(stripe, call);
    }) as typeof rawRequest;
    Object.assign(stripe, { rawRequest: dying });
    await container.stripe.catchUp?.want();
    await container.stripe.catchUp?.work.drain();
    Object.assign(stripe, { rawRequest });
    expect((await inbox()).length).toBe(before + 100);
    clock.advance(minute);
    expect(await catchUp()).toBe((await inbox()).length);
    expect((await inbox()).length).toBe(before + 103);
  });
});
