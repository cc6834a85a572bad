import { describe, expect, test } from "vitest";
import { checkInvoice, type HeldInvoice, type HeldStatement, type HeldTicket } from "./invoice-checks.ts";

const statement: HeldStatement = {
  id: "s",
  kind: "PERIOD_END",
  state: "FINAL",
  periodStart: new Date("2026-03-01T00:00:00Z"),
  invoiceId: "in_1",
  total: 1_250n,
  usage: new Map([["calls", 250n]]),
};
const lines = [{ amount: 250, pricing: { price_details: { price: "price_calls" } } }, { amount: 1_000 }];
const held = (subtotal: number, of: Partial<HeldStatement>, tickets: HeldTicket[] = []): HeldInvoice => ({
  customer: { index: 0 },
  invoice: {
    id: "in_1",
    billing_reason: "subscription_cycle",
    status: "open",
    subtotal,
    lines: { data: lines },
  } as unknown as HeldInvoice["invoice"],
  statements: [{ ...statement, ...of }],
  tickets,
  meters: new Map([["price_calls", "calls"]]),
});
const ticket = (amount: bigint): HeldTicket => ({ kind: "INVOICE_TOTAL", subject: "s", amount, stripeId: "in_1" });
const checking = (of: HeldInvoice) => () => checkInvoice(of);

describe("an invoice", () => {
  test("is its final statement to the cent", () => {
    expect(checking(held(1_250, {}))).not.toThrow();
    expect(checking(held(1_251, {}))).toThrow("INVOICE_TOTAL");
    expect(checking(held(1_250, { usage: new Map([["calls", 249n]]) }))).toThrow("INVOICE_LINE");
  });

  test("of a final statement is explained by no ticket", () => {
    expect(checking(held(1_251, {}, [ticket(1n)]))).toThrow("INVOICE_TOTAL");
  });

  test("that differs is explained only by a ticket of exactly the difference", () => {
    expect(checking(held(1_251, { state: "HELD" }, [ticket(1n)]))).not.toThrow();
    expect(checking(held(1_251, { state: "HELD" }, [ticket(2n)]))).toThrow("INVOICE_UNEXPLAINED");
    expect(checking(held(1_251, { state: "HELD" }, [ticket(-1n)]))).toThrow("INVOICE_UNEXPLAINED");
    expect(checking(held(1_251, { state: "HELD" }))).toThrow("INVOICE_UNEXPLAINED");
  });

  test("that no statement is about is explained only by a ticket of all of it", () => {
    expect(checking(held(1_251, { invoiceId: "in_2" }))).toThrow("INVOICE_UNEXPLAINED");
    expect(checking(held(1_251, { invoiceId: "in_2" }, [ticket(1_251n)]))).not.toThrow();
  });
});
