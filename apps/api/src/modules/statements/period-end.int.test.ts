import { formatDecimal } from "@meterline/billing-domain";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type PeriodEndBench, type ReadStatement, type StripeCustomer, startPeriodEnds } from "./period-end.testing.ts";

const hour = 3_600_000;
const day = 24 * hour;

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds();
});
afterEach(() => bench.sandbox.faults.clear());
afterAll(() => bench?.stop());

const rows = (statement: ReadStatement | undefined) =>
  (statement?.lines ?? []).map((line) => [
    line.key,
    line.quantity === null ? null : formatDecimal(line.quantity),
    line.amount.amountMinor,
    line.ratedBy,
  ]);
const invoiceOf = async (statement: ReadStatement | undefined) =>
  bench.stripe.invoices.retrieve(statement?.invoice?.stripeInvoiceId ?? "none");
async function accept(statement: ReadStatement | undefined): Promise<void> {
  const headers = { cookie: await bench.signInStaff("closer@example.com"), "x-meterline-app": "admin" };
  const query = `mutation { acceptStatement(id: "${statement?.id}", reason: "Agreed by telephone") { id } }`;
  expect((await bench.ask(query, { headers })).data).toEqual({ acceptStatement: { id: statement?.id } });
  await bench.work();
}
const unsettled = async (customer: StripeCustomer) =>
  (await bench.tickets(customer)).filter((one) => one.state === "TICKET" || one.state === "OPEN");

describe("the start of a subscription", () => {
  it("is a statement of the first fee, final when Stripe's first invoice says the same", async () => {
    const customer = await bench.subscribe();
    await bench.work();
    const [start, ...others] = await bench.statements(customer);
    expect(others).toEqual([]);
    expect(start).toMatchObject({ kind: "START", state: "FINAL", total: { amountMinor: 2000n, currency: "USD" } });
    expect(start?.invoice).toMatchObject({
      number: expect.stringMatching(/-0001$/),
      hostedUrl: expect.stringContaining("https://"),
      pdfUrl: expect.stringContaining("pdf"),
      payment: { status: "paid", amountPaid: { amountMinor: 2000n } },
    });
    expect(await unsettled(customer)).toEqual([]);
  });
});

describe("the end of a period", () => {
  it("holds the draft, tells Stripe the rest, adds what Meterline rates, and is final to the cent", async () => {
    const customer = await bench.subscribe();
    // 1,600.5 calls: 10.00 + 2.5025 = 12.50. A peak of 7 at 2.00. One seat for a day: 24 hours at 0.50.
    await bench.use(customer, "1600.5");
    await bench.use(customer, "7", { meterKey: "peak" });
    await bench.jumpTo(customer.endAt - day);
    await bench.use(customer, "1", { meterKey: "seats", occurredAt: customer.endAt - day });
    await bench.jumpTo(customer.endAt);
    const [, held] = await bench.closings(customer);
    expect(held).toMatchObject({ kind: "PERIOD_END", state: "FREEZE" });
    const draft = await bench.stripe.invoices.retrieve(held?.stripeInvoiceId ?? "none");
    expect([draft.status, draft.auto_advance]).toEqual(["draft", false]);
    // Half a call more, within the grace.
    await bench.use(customer, "0.5", { occurredAt: customer.endAt - 1_000 });
    await bench.closePeriod(customer.endAt);
    const [, statement] = await bench.statements(customer);
    expect(rows(statement)).toEqual([
      ["usage:calls", "1601", 1251n, "STRIPE"],
      ["usage:peak", "7", 1400n, "METERLINE"],
      ["usage:seats", "24", 1200n, "STRIPE"],
      ["base-fee-ahead", null, 2000n, "STRIPE"],
    ]);
    expect(statement).toMatchObject({ state: "FINAL", total: { amountMinor: 5851n } });
    const invoice = await invoiceOf(statement);
    expect([invoice.status, invoice.total]).toEqual(["paid", 5851]);
    expect(statement?.invoice?.payment).toMatchObject({ status: "paid", amountPaid: { amountMinor: 5851n } });
    expect(await unsettled(customer)).toEqual([]);
  });

  it("a late event and a void of it are on the next invoices, each once", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "1600");
    const ends = [customer.endAt];
    await bench.closePeriod(customer.endAt);
    const eventId = await bench.use(customer, "100", { occurredAt: customer.endAt - day });
    for (const period of [1, 2]) {
      const { items } = await bench.stripe.subscriptions.retrieve(customer.stripeSubscriptionId);
      const endAt = (items.data[0]?.current_period_end ?? 0) * 1_000;
      ends.push(endAt);
      await bench.closePeriod(endAt);
      const taken = { customerId: customer.customerId, eventId, reason: "never happened", idempotencyKey: "void-late" };
      if (period === 1) await bench.container.voids.voidEvent(taken);
    }
    const statements = await bench.statements(customer);
    const late = statements.map((one) => rows(one).filter(([key]) => String(key).startsWith("late:")));
    // 500 calls at half a cent were 2.50; 600 are 3.00.
    expect(late.map((lines) => lines.map((line) => line.slice(1)))).toEqual([
      [],
      [],
      [["100", 50n, "METERLINE"]],
      [["-100", -50n, "METERLINE"]],
    ]);
    for (const statement of statements) {
      expect(statement.state).toBe("FINAL");
      expect(BigInt((await invoiceOf(statement)).total)).toBe(statement.total.amountMinor);
    }
    expect(await unsettled(customer)).toEqual([]);
  });

  it("without the webhook the invoice is found by looking, also when Stripe finalized it meanwhile", async () => {
    const customer = await bench.subscribe();
    await bench.work();
    await bench.use(customer, "200");
    const created = bench.container.stripe.handlers.of("invoice.created") as unknown[];
    const updated = bench.container.stripe.handlers.of("invoice.updated") as unknown[];
    const kept = [created.splice(0), updated.splice(0)];
    await bench.jumpTo(customer.endAt);
    expect(await bench.closings(customer)).toHaveLength(1);
    created.push(...(kept[0] ?? []));
    updated.push(...(kept[1] ?? []));
    await bench.closePeriod(customer.endAt);
    await bench.jumpTo(customer.endAt + 3 * hour);
    expect((await bench.statements(customer)).map((one) => one.state)).toEqual(["FINAL", "FINAL"]);
    expect(await unsettled(customer)).toEqual([]);
  });

  it("an invoice that Stripe finalized before its items were on it: the open period bills what it lacks", async () => {
    const customer = await bench.subscribe();
    // Away until an hour and a half after the period's end: nobody told Stripe of the calls, nobody held the draft.
    await bench.use(customer, "3", { meterKey: "peak" });
    await bench.use(customer, "300");
    bench.clock.set(customer.endAt);
    await bench.sandbox.process();
    const { data } = await bench.stripe.invoices.list({ subscription: customer.stripeSubscriptionId, status: "draft" });
    await bench.stripe.invoices.finalizeInvoice(data[0]?.id ?? "none");
    await bench.closePeriod(customer.endAt + 1.5 * hour);
    const [, statement] = await bench.statements(customer);
    expect(rows(statement)).toEqual([
      ["usage:calls", "300", 200n, "STRIPE"],
      ["usage:peak", "3", 600n, "METERLINE"],
      ["usage:seats", "0", 0n, "STRIPE"],
      ["base-fee-ahead", null, 2000n, "STRIPE"],
      ["uncharged:usage:calls", "-300", -200n, "STRIPE"],
      ["uncharged:usage:peak", "-3", -600n, "METERLINE"],
    ]);
    expect(statement).toMatchObject({ state: "FINAL", total: { amountMinor: 2000n } });
    expect((await invoiceOf(statement)).total).toBe(2000);
    expect(await unsettled(customer)).toEqual([]);
    expect((await bench.tickets(customer)).map((one) => [one.kind, one.state, one.amount])).toEqual([
      ["UNCHARGED", "REPAIRED", "-200"],
      ["UNCHARGED", "REPAIRED", "-600"],
    ]);

    const { items } = await bench.stripe.subscriptions.retrieve(customer.stripeSubscriptionId);
    await bench.closePeriod((items.data[0]?.current_period_end ?? 0) * 1_000);
    const [, , next] = await bench.statements(customer);
    const late = (meterKey: string) => `late:${meterKey}:${new Date(customer.startAt).toISOString()}`;
    expect(rows(next)).toEqual([
      ["usage:calls", "0", 0n, "STRIPE"],
      ["usage:peak", "0", 0n, "METERLINE"],
      ["usage:seats", "0", 0n, "STRIPE"],
      [late("calls"), "300", 200n, "METERLINE"],
      [late("peak"), "3", 600n, "METERLINE"],
      ["base-fee-ahead", null, 2000n, "STRIPE"],
    ]);
    expect(next).toMatchObject({ state: "FINAL", total: { amountMinor: 2800n } });
    expect((await invoiceOf(next)).total).toBe(2800);
    expect(await unsettled(customer)).toEqual([]);
  });

  it("a final invoice waits for no dead letter: the open period bills its units, and that Stripe lacks them is a ticket", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "300");
    const refusing = { path: "/v1/billing/meter_events", method: "POST", rate: 1, left: null };
    bench.sandbox.faults.add({ ...refusing, effect: { kind: "fail", status: 400 } });
    await bench.work();
    bench.clock.set(customer.endAt);
    await bench.sandbox.process();
    const { data } = await bench.stripe.invoices.list({ subscription: customer.stripeSubscriptionId, status: "draft" });
    await bench.stripe.invoices.finalizeInvoice(data[0]?.id ?? "none");
    await bench.closePeriod(customer.endAt + 1.5 * hour);
    const [, statement] = await bench.statements(customer);
    expect(statement).toMatchObject({ state: "FINAL", total: { amountMinor: 2000n } });
    expect(rows(statement).at(-1)).toEqual(["uncharged:usage:calls", "-300", -200n, "STRIPE"]);
    const subject = `period:${new Date(customer.startAt).toISOString()}:calls`;
    expect(await unsettled(customer)).toMatchObject([{ kind: "REPORT_DEAD", subject, amount: "-200" }]);
  });

  it("the same of a plan that ended with the period is a ticket, to the cent: no open period follows", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "3", { meterKey: "peak" });
    await bench.container.subscriptions.end(null, customer.subscriptionId, customer.endAt);
    await bench.stripe.subscriptions.update(customer.stripeSubscriptionId, { cancel_at_period_end: true });
    await bench.jumpTo(customer.endAt);
    const [, closing] = await bench.closings(customer);
    await bench.stripe.invoices.finalizeInvoice(closing?.stripeInvoiceId ?? "");
    await bench.closePeriod(customer.endAt);
    const [, statement] = await bench.statements(customer);
    expect(statement?.state).toBe("HELD");
    expect(await unsettled(customer)).toMatchObject([
      { kind: "INVOICE_MISSING_LINE", amount: "-600" },
      { kind: "INVOICE_TOTAL", amount: "-600" },
    ]);
  });

  it("a line that somebody adds in Stripe is a ticket, and the statement waits", async () => {
    const customer = await bench.subscribe();
    await bench.jumpTo(customer.endAt);
    const [, closing] = await bench.closings(customer);
    const byHand = { customer: customer.stripeCustomerId, amount: 123, currency: "usd" };
    await bench.stripe.invoiceItems.create({ ...byHand, invoice: closing?.stripeInvoiceId ?? "" });
    await bench.closePeriod(customer.endAt);
    expect(await unsettled(customer)).toMatchObject([{ kind: "INVOICE_EXTRA_LINE", amount: "123" }]);
    const [, held] = await bench.statements(customer);
    expect([held?.state, (await invoiceOf(held)).status]).toEqual(["HELD", "draft"]);
    await accept(held);
    expect((await invoiceOf(held)).status).toBe("paid");
    expect(await unsettled(customer)).toMatchObject([
      { kind: "INVOICE_EXTRA_LINE", amount: "123" },
      { kind: "INVOICE_TOTAL", amount: "123" },
    ]);
    expect((await bench.statements(customer)).at(-1)?.state).toBe("HELD");
  });

  it("an item that somebody takes off the subscription is not charged twice: the draft waits until it is put right", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "1200");
    await bench.work();
    await bench.sandbox.process();
    const { items } = await bench.stripe.subscriptions.retrieve(customer.stripeSubscriptionId);
    const calls = items.data.find((item) => item.price.billing_scheme === "tiered");
    bench.clock.advance(hour);
    await bench.stripe.subscriptions.update(customer.stripeSubscriptionId, {
      items: [{ id: calls?.id ?? "", deleted: true }],
    });
    await bench.closePeriod(customer.endAt);
    // Stripe billed the 10.50 when the item went, and Meterline rates the line since.
    expect(await unsettled(customer)).toMatchObject([{ kind: "INVOICE_AMOUNT", amount: "1050" }]);
    const [, held] = await bench.statements(customer);
    const draft = await invoiceOf(held);
    expect([held?.state, draft.status]).toEqual(["HELD", "draft"]);
    const theirs = draft.lines.data.find(
      (line) => line.amount === 1050 && line.metadata["meterline_line"] === undefined,
    );
    await bench.stripe.invoiceItems.del(theirs?.parent?.invoice_item_details?.invoice_item ?? "");
    await bench.jumpTo(customer.endAt + 3 * hour);
    const [, statement] = await bench.statements(customer);
    expect(statement).toMatchObject({ state: "FINAL", total: { amountMinor: 3050n } });
    expect((await invoiceOf(statement)).total).toBe(3050);
    expect(await unsettled(customer)).toEqual([]);
  });

  it("a subscription whose collection is paused is not charged until it is resumed", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "3", { meterKey: "peak" });
    const pause = (pause_collection: { behavior: "keep_as_draft" } | "") =>
      bench.stripe.subscriptions.update(customer.stripeSubscriptionId, { pause_collection });
    await pause({ behavior: "keep_as_draft" });
    await bench.closePeriod(customer.endAt);
    // The fee ahead and the peak.
    expect(await unsettled(customer)).toMatchObject([{ kind: "COLLECTION_PAUSED", amount: "-2600" }]);
    const [, held] = await bench.statements(customer);
    expect([held?.state, (await invoiceOf(held)).status]).toEqual(["HELD", "draft"]);
    await pause("");
    await bench.jumpTo(customer.endAt + 3 * hour);
    const [, statement] = await bench.statements(customer);
    expect(statement).toMatchObject({ state: "FINAL", total: { amountMinor: 2600n } });
    expect(await unsettled(customer)).toEqual([]);
  });
});

describe("what Stripe does by itself", () => {
  it("an open invoice that is voided: the statement stays, what became of it is recorded, and staff are told", async () => {
    const customer = await bench.subscribe();
    await bench.stripe.subscriptions.update(customer.stripeSubscriptionId, {
      collection_method: "send_invoice",
      days_until_due: 30,
    });
    await bench.closePeriod(customer.endAt);
    const [, statement] = await bench.statements(customer);
    expect(statement?.invoice?.payment?.status).toBe("open");
    await bench.stripe.invoices.voidInvoice(statement?.invoice?.stripeInvoiceId ?? "");
    await bench.work();
    const [, after] = await bench.statements(customer);
    expect(after).toMatchObject({ state: "FINAL", invoice: { payment: { status: "void" } } });
    expect(await unsettled(customer)).toMatchObject([{ kind: "INVOICE_VOIDED", amount: "-2000" }]);
  });

  it("an invoice made by hand on the subscription is a ticket", async () => {
    const customer = await bench.subscribe();
    await bench.work();
    await bench.stripe.invoiceItems.create({ customer: customer.stripeCustomerId, amount: 500, currency: "usd" });
    const invoice = await bench.stripe.invoices.create({
      customer: customer.stripeCustomerId,
      subscription: customer.stripeSubscriptionId,
      pending_invoice_items_behavior: "include",
    });
    await bench.work();
    expect(await unsettled(customer)).toMatchObject([
      { kind: "UNEXPECTED_INVOICE", subject: `invoice:${invoice.id}`, amount: "500" },
    ]);
  });
});

describe("what does not go as it should", () => {
  it("Stripe counts less than it accepted: told again before the invoice is final", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "1200");
    await bench.work();
    const at = { payload: { stripe_customer_id: customer.stripeCustomerId, value: "-200" }, event_name: "calls" };
    await bench.stripe.billing.meterEvents.create({ ...at, timestamp: Math.floor(bench.clock.now() / 1_000) });
    await bench.closePeriod(customer.endAt);
    for (let more = 1; more <= 8; more += 1) await bench.jumpTo(customer.endAt + 70 * 60_000 + more * 600_000);
    const statement = (await bench.statements(customer)).at(-1);
    const reports = await bench.container.database.query<{ kind: string; delta: string }>(
      "SELECT kind, trim_scale(delta)::text AS delta FROM meter_report WHERE customer_id = $1 ORDER BY sequence",
      [customer.customerId],
    );
    expect(reports.map((report) => [report.kind, report.delta])).toEqual([
      ["USAGE", "1200"],
      ["FOUND", "-200"],
      ["USAGE", "200"],
    ]);
    // 1,000 calls at a cent and 100 at half a cent, and the next fee.
    expect(statement).toMatchObject({ state: "FINAL", total: { amountMinor: 3050n } });
    expect((await invoiceOf(statement)).total).toBe(3050);
    expect(await unsettled(customer)).toEqual([]);
  });

  it("Stripe is away for an hour in the middle of it: the same invoice, a little later", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "3", { meterKey: "peak" });
    await bench.jumpTo(customer.endAt);
    for (const kind of ["refuse", "drop"] as const)
      bench.sandbox.faults.add({ effect: { kind }, path: "/v1/invoice", method: null, rate: 0.5, left: null });
    await bench.closePeriod(customer.endAt);
    bench.sandbox.faults.clear();
    for (let more = 1; more <= 4; more += 1) await bench.jumpTo(customer.endAt + 70 * 60_000 + more * 900_000);
    const statement = (await bench.statements(customer)).at(-1);
    expect(statement).toMatchObject({ state: "FINAL", total: { amountMinor: 2600n } });
    expect((await invoiceOf(statement)).lines.data.length).toBe(4);
    expect(await unsettled(customer)).toEqual([]);
  });

  it("a customer that Stripe deleted is a ticket of all that would have been invoiced, before and after the freeze", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "1200");
    await bench.work();
    await bench.container.database.query("UPDATE stripe_customer SET deleted_at = $2 WHERE customer_id = $1", [
      customer.customerId,
      new Date(bench.clock.now()),
    ]);
    await bench.use(customer, "1", { meterKey: "peak" });
    await bench.jumpTo(customer.endAt);
    // The bill so far: the fee of 20.00, 10.50 of calls and 2.00 of peak. Then the statement, with the coming fee.
    const deleted = [{ kind: "CUSTOMER_DELETED", state: "TICKET", amount: "-3250" }];
    expect(await unsettled(customer)).toMatchObject(deleted);
    await bench.closePeriod(customer.endAt);
    expect(await unsettled(customer)).toMatchObject(deleted);
  });

  it("an invoice that Stripe never makes is a ticket of its whole statement", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "200");
    await bench.work();
    const { data: endpoints } = await bench.stripe.webhookEndpoints.list();
    const listen = (disabled: boolean) =>
      Promise.all(endpoints.map(({ id }) => bench.stripe.webhookEndpoints.update(id, { disabled })));
    await listen(true);
    await bench.stripe.subscriptions.cancel(customer.stripeSubscriptionId);
    await bench.closePeriod(customer.endAt);
    await bench.jumpTo(customer.endAt + 7 * hour);
    await listen(false);
    // 100 calls past the allowance, and the coming fee.
    expect(await unsettled(customer)).toMatchObject([{ kind: "INVOICE_MISSING", amount: "-2100" }]);
  });

  it("reports that Stripe will not take are a ticket of what their units come to on the invoice", async () => {
    const customer = await bench.subscribe();
    const refused = { kind: "fail", status: 400 } as const;
    bench.sandbox.faults.add({
      effect: refused,
      path: "/v1/billing/meter_events",
      method: "POST",
      rate: 1,
      left: null,
    });
    await bench.use(customer, "1200");
    await bench.use(customer, "3", { meterKey: "peak" });
    await bench.closePeriod(customer.endAt);
    const tickets = (await unsettled(customer)).map((one) => [one.kind, one.subject.split("Z:")[1], one.amount]);
    // What Stripe counts of peak costs nothing: Meterline adds that line as an amount.
    expect(tickets).toEqual([
      ["REPORT_DEAD", "usage:calls", "-1050"],
      ["REPORT_DEAD", "usage:peak", "0"],
    ]);
  });
});
