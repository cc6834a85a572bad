import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type PeriodEndBench, type StripeCustomer, startPeriodEnds } from "./period-end.testing.ts";

const hour = 3_600_000;
const day = 24 * hour;

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds();
});
afterEach(() => bench.sandbox.faults.clear());
afterAll(() => bench?.stop());

const unsettled = async (customer: StripeCustomer) =>
  (await bench.tickets(customer)).filter((one) => one.state === "TICKET" || one.state === "OPEN");

describe("after the plan has ended", () => {
  it("what comes late is invoiced once, when staff say so", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "300");
    await bench.endPlan(customer);
    await bench.closePeriod(customer.endAt);
    // 150 calls at a cent and a peak of 4 at 2.00.
    await bench.use(customer, "150", { occurredAt: customer.endAt - day });
    await bench.use(customer, "4", { meterKey: "peak", occurredAt: customer.endAt - day });
    const cookie = await bench.signInStaff("invoices@example.com");
    const settle = (mutation: string) =>
      bench.ask(`mutation ($id: ID!) { ${mutation}(customerId: $id) { state total { amountMinor } } }`, {
        variables: { id: customer.customerId },
        headers: { cookie, "x-meterline-app": "admin" },
      });
    expect((await settle("creditLateUsage")).code).toBe("CONFLICT");
    const { data } = await settle("invoiceLateUsage");
    expect(data?.["invoiceLateUsage"]).toEqual({ state: "PREPARING", total: { amountMinor: "950" } });
    expect((await settle("invoiceLateUsage")).code).toBe("CONFLICT");
    // The answer to the making of the invoice is lost: it is found, and not made again.
    bench.sandbox.faults.add({ effect: { kind: "drop" }, path: "/v1/invoices", method: "POST", rate: 1, left: 1 });
    await bench.work();
    await bench.jumpTo(bench.clock.now() + hour);
    const statement = (await bench.statements(customer)).at(-1);
    const total = { amountMinor: 950n };
    expect(statement).toMatchObject({ kind: "LATE", state: "FINAL", total, invoice: { payment: { status: "open" } } });
    await bench.stripe.invoices.pay(statement?.invoice?.stripeInvoiceId ?? "none");
    await bench.work();
    expect((await bench.statements(customer)).at(-1)?.invoice?.payment?.status).toBe("paid");
    const { data: invoices } = await bench.stripe.invoices.list({ customer: customer.stripeCustomerId });
    expect(invoices.filter((one) => one.billing_reason === "manual").map((one) => [one.id, one.total])).toEqual([
      [statement?.invoice?.stripeInvoiceId, 950],
    ]);
    expect(await unsettled(customer)).toEqual([]);
  });

  it("what is taken back is credited once, when staff say so", async () => {
    const customer = await bench.subscribe();
    const eventId = await bench.use(customer, "300");
    await bench.endPlan(customer);
    await bench.closePeriod(customer.endAt);
    const { customerId } = customer;
    await bench.container.voids.voidEvent({ customerId, eventId, reason: "a test", idempotencyKey: "void-ended" });
    const cookie = await bench.signInStaff("credits@example.com");
    const credit = () =>
      bench.ask(
        "mutation ($customerId: ID!) { creditLateUsage(customerId: $customerId) { state total { amountMinor } } }",
        {
          variables: { customerId },
          headers: { cookie, "x-meterline-app": "admin" },
        },
      );
    expect((await credit()).data?.["creditLateUsage"]).toEqual({ state: "PREPARING", total: { amountMinor: "-200" } });
    expect((await credit()).code).toBe("CONFLICT");
    await bench.work();
    const statement = (await bench.statements(customer)).at(-1);
    expect(statement).toMatchObject({ kind: "LATE", state: "FINAL" });
    const { data: notes } = await bench.stripe.creditNotes.list({ customer: customer.stripeCustomerId });
    expect(notes.map((note) => [note.invoice, note.total])).toEqual([[statement?.invoice?.stripeInvoiceId, 200]]);
    expect(await unsettled(customer)).toEqual([]);
  });
});
