import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../platform/observability/index.ts";
import { CurrentInvoiceLinks } from "./invoice-links.ts";
import { type PeriodEndBench, startPeriodEnds } from "./period-end.testing.ts";

const day = 86_400_000;

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds();
});
afterAll(() => bench?.stop());

test("links are those that were kept for a week, then Stripe's own, and while Stripe is away the kept ones", async () => {
  const customer = await bench.subscribe();
  await bench.work();
  const [start] = await bench.statements(customer);
  if (!start?.invoice) throw new Error("Stripe has billed the start");
  const { gateway } = bench.container.stripe;
  const links = new CurrentInvoiceLinks({ gateway, clock: bench.clock, logger: createLogger("silent") });
  const kept = { hostedUrl: "https://invoice.stripe.com/ended", pdfUrl: "https://pay.stripe.com/ended" };
  const statement = { ...start, invoice: { ...start.invoice, ...kept } };
  expect(await links.of(statement)).toEqual(kept);
  await bench.jumpTo(customer.startAt + 8 * day);
  const refused = { kind: "fail", status: 400 } as const;
  bench.sandbox.faults.add({ effect: refused, path: "/v1/invoices", method: "GET", rate: 1, left: 1 });
  expect(await links.of(statement)).toEqual(kept);
  const { hosted_invoice_url: hostedUrl, invoice_pdf: pdfUrl } = await bench.stripe.invoices.retrieve(
    start.invoice.stripeInvoiceId,
  );
  expect(await links.of(statement)).toEqual({ hostedUrl, pdfUrl });
  expect(await links.of({ ...start, invoice: null })).toBeNull();
});

test("whoever may read a statement may have its links, and nobody else", async () => {
  const customer = await bench.subscribe();
  await bench.work();
  const [start] = await bench.statements(customer);
  const query = `{ statement(id: "${start?.id}") { invoiceLinks { hostedUrl } } }`;
  const headers = {
    cookie: await bench.signInMember(customer.customerId, "own@example.com"),
    "x-meterline-app": "portal",
  };
  expect((await bench.ask(query, { headers })).data).toEqual({
    statement: { invoiceLinks: { hostedUrl: start?.invoice?.hostedUrl } },
  });
  const other = await bench.subscribe();
  const theirs = { ...headers, cookie: await bench.signInMember(other.customerId, "other@example.com") };
  expect((await bench.ask(query, { headers: theirs })).data).toEqual({ statement: null });
});
