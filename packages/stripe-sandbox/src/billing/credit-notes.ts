import { decimal } from "@meterline/billing-domain";
import type Stripe from "stripe";
import type { InvoiceRecord } from "../core/records.ts";
import { newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import {
  decimalText,
  integer,
  list,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  optional,
  type Params,
  readParams,
  text,
} from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";
import { invoiceNow } from "./invoices.ts";
import { settleCredit } from "./settle-credit.ts";

type CreditNote = Wire<Stripe.CreditNote>;
type NoteLine = Wire<Stripe.CreditNoteLineItem>;

const LINE = object({
  type: oneOf("invoice_line_item", "custom_line_item"),
  invoice_line_item: optional(text()),
  amount: optional(integer({ min: 0 })),
  quantity: optional(integer({ min: 1 })),
  unit_amount: optional(integer({ min: 0 })),
  unit_amount_decimal: optional(decimalText(12)),
  description: optional(text()),
});
const CREATE = {
  invoice: text(),
  lines: optional(list(LINE)),
  amount: optional(integer({ min: 0 })),
  credit_amount: optional(integer({ min: 0 })),
  refund_amount: optional(integer({ min: 0 })),
  out_of_band_amount: optional(integer({ min: 0 })),
  memo: optional(text()),
  metadata: optional(metadata()),
  reason: optional(oneOf("duplicate", "fraudulent", "order_change", "product_unsatisfactory")),
};
type Given = Params<typeof CREATE>;

function create(world: World, call: Call): CreditNote {
  const params = readParams(CREATE, call.params);
  const invoice = world.state.invoices.get(params.invoice);
  if (!invoice) throw noSuch("invoice", params.invoice, { param: "invoice" });
  if (invoice.wire.status !== "open" && invoice.wire.status !== "paid") {
    throw invalidRequest("Credit notes can only be made for open or paid invoices.", { param: "invoice" });
  }
  if ((params.lines === undefined) === (params.amount === undefined)) {
    throw invalidRequest("You must specify exactly one of amount or lines.", { param: "amount" });
  }
  const lines = params.lines
    ? params.lines.map((line, index) => noteLine(world, invoice, line, index))
    : [lineOf(world, { amount: params.amount ?? 0, description: "Credit" })];
  const total = lines.reduce((sum, line) => sum + line.amount, 0);
  const wire = newNote(world, invoice, { params, lines, total, isOpen: invoice.wire.status === "open" });
  settleCredit(world, invoice, wire, params);
  world.state.creditNotes.put({ id: wire.id, invoice: invoice.id, wire });
  emitSnapshot(world, "credit_note.created", wire, invoiceNow(world, invoice));
  return wire;
}

function noteLine(
  world: World,
  invoice: InvoiceRecord,
  given: NonNullable<Given["lines"]>[number],
  index: number,
): NoteLine {
  const param = `lines[${index}]`;
  const unit =
    given.unit_amount_decimal ?? (given.unit_amount === undefined ? null : decimal(String(given.unit_amount)));
  if (given.type === "custom_line_item") {
    if (unit === null) throw invalidRequest(`Missing required param: ${param}[unit_amount].`, { param });
    const amount = Number(
      unit
        .times(decimal(String(given.quantity ?? 1)))
        .round(0, 1)
        .toFixed(0),
    );
    const { quantity = 1, description = "" } = given;
    return lineOf(world, { amount, description, quantity, unit: unit.toFixed(), type: "custom_line_item" });
  }
  const line = world.state.lines.get(given.invoice_line_item ?? "");
  if (line?.invoice !== invoice.id) throw noSuch("line_item", given.invoice_line_item ?? "", { param });
  if ((given.amount === undefined) === (given.quantity === undefined)) {
    throw invalidRequest("You must specify exactly one of amount or quantity for an invoice line item.", { param });
  }
  const each = decimal(line.wire.pricing?.unit_amount_decimal ?? "0");
  const byQuantity = Number(
    each
      .times(decimal(String(given.quantity ?? 0)))
      .round(0, 1)
      .toFixed(0),
  );
  const amount = given.amount ?? byQuantity;
  if (amount > line.wire.amount) throw invalidRequest("The credit is larger than the line.", { param });
  const description = given.description ?? line.wire.description ?? "";
  return lineOf(world, { amount, description, quantity: given.quantity ?? null, line: line.id });
}

function lineOf(
  world: World,
  of: {
    amount: number;
    description: string;
    quantity?: number | null;
    unit?: string;
    line?: string;
    type?: "custom_line_item";
  },
): NoteLine {
  return {
    id: newId(world, "cnli"),
    object: "credit_note_line_item",
    amount: of.amount,
    description: of.description,
    discount_amount: 0,
    discount_amounts: [],
    ...(of.line === undefined ? {} : { invoice_line_item: of.line }),
    livemode: false,
    metadata: {},
    pretax_credit_amounts: [],
    // Whole numbers only: there is no quantity_decimal here, so a fraction is corrected by its amount.
    quantity: of.quantity ?? null,
    tax_rates: [],
    taxes: [],
    type: of.line === undefined ? "custom_line_item" : "invoice_line_item",
    unit_amount: of.unit === undefined || of.unit.includes(".") ? null : Number(of.unit),
    unit_amount_decimal: of.unit ?? null,
  };
}

function newNote(
  world: World,
  invoice: InvoiceRecord,
  of: { params: Given; lines: NoteLine[]; total: number; isOpen: boolean },
): CreditNote {
  const { params, lines, total, isOpen } = of;
  const count = world.state.creditNotes.by("invoice", invoice.id).length + 1;
  const id = newId(world, "cn");
  const created = seconds(invoiceNow(world, invoice));
  return {
    id,
    object: "credit_note",
    amount: total,
    amount_shipping: 0,
    created,
    currency: invoice.wire.currency,
    customer: invoice.customer,
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: created,
    invoice: invoice.id,
    lines: pageOf(lines, { limit: 100 }, `/v1/credit_notes/${id}/lines`),
    livemode: false,
    memo: params.memo ?? null,
    metadata: mergeMetadata({}, params.metadata),
    number: `${invoice.wire.number ?? invoice.id}-CN-${String(count).padStart(2, "0")}`,
    out_of_band_amount: params.out_of_band_amount ?? null,
    pdf: `https://pay.stripe.com/credit_notes/sandbox/${id}/pdf`,
    post_payment_amount: isOpen ? 0 : total,
    pre_payment_amount: isOpen ? total : 0,
    pretax_credit_amounts: [],
    reason: params.reason ?? null,
    refunds: [],
    shipping_cost: null,
    status: "issued",
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    total_taxes: [],
    type: isOpen ? "pre_payment" : "post_payment",
    voided_at: null,
  };
}

function find(world: World, call: Call): CreditNote {
  const row = world.state.creditNotes.get(pathPart(call, "id"));
  if (!row) throw noSuch("credit note", pathPart(call, "id"));
  return row.wire;
}

/** `/v1/credit_notes`; voiding is not imitated */
export const CREDIT_NOTE_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/credit_notes", handle: create },
  {
    method: "GET",
    pattern: "/v1/credit_notes/preview",
    handle: (world, call): CreditNote => world.state.journal.run(() => create(world, call), false),
  },
  {
    method: "GET",
    pattern: "/v1/credit_notes",
    handle: (world, call): WireList<CreditNote> => {
      const shape = { ...LIST_PARAMS, invoice: optional(text()), customer: optional(text()) };
      const params = readParams(shape, call.params);
      const rows = world.state.creditNotes
        .values()
        .map((row) => row.wire)
        .filter((wire) => params.invoice === undefined || wire.invoice === params.invoice)
        .filter((wire) => params.customer === undefined || wire.customer === params.customer);
      return pageOf(rows.reverse(), params, call.url);
    },
  },
  { method: "GET", pattern: "/v1/credit_notes/:id", handle: find },
  {
    method: "GET",
    pattern: "/v1/credit_notes/:id/lines",
    handle: (world, call) => pageOf(find(world, call).lines.data, readParams(LIST_PARAMS, call.params), call.url),
  },
];
