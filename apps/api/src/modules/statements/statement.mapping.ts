import { formatDecimal } from "@meterline/billing-domain";
import { mapMoney } from "../../platform/graphql/index.ts";
import { type MeterRow, mapMeter } from "../catalog/index.ts";
import { mapRatedLine } from "../rating/index.ts";
import type { StatementInvoice, StatementRecord } from "./statement.repository.ts";
import type { StoredStatementLine } from "./statement-line.repository.ts";
import type { StatementInvoiceType, StatementLineType, StatementType } from "./statement.types.ts";

/** A statement as the API shows it; its lines are read when they are asked for. */
export function mapStatement(record: StatementRecord): StatementType {
  return {
    id: record.id,
    customerId: record.customerId,
    kind: record.kind,
    state: record.state,
    periodStart: record.window.startAt,
    periodEnd: record.window.endAt,
    total: mapMoney(record.total),
    issuedAt: record.issuedAt,
    finalAt: record.finalAt,
    invoice: record.invoice === null ? null : mapInvoice(record.invoice),
    acceptedReason: record.acceptedReason,
  };
}

/** A line as the API shows it. */
export function mapStatementLine(line: StoredStatementLine, meters: ReadonlyMap<string, MeterRow>): StatementLineType {
  const meter = line.meterKey === null ? undefined : meters.get(line.meterKey);
  const rated = line.rated === null ? null : mapRatedLine(line.rated);
  return {
    key: line.key,
    kind: line.kind,
    label: line.label,
    meter: meter === undefined ? null : mapMeter(meter),
    start: line.window.startAt,
    end: line.window.endAt,
    quantity: line.quantity === null ? null : formatDecimal(line.quantity),
    amount: mapMoney(line.amount),
    hasValue: rated?.hasValue ?? true,
    model: line.model,
    pricedQuantity: rated?.quantity ?? null,
    includedQuantity: rated?.includedQuantity ?? "0",
    billableQuantity: rated?.billableQuantity ?? "0",
    unroundedAmount: rated?.unroundedAmount ?? null,
    pricedAmount: rated?.amount ?? null,
    tiers: rated?.tiers ?? [],
    billedQuantity: line.billed === null || line.meterKey === null ? null : formatDecimal(line.billed.quantity),
    billedAmount: line.billed === null ? null : mapMoney(line.billed.amount),
  };
}

function mapInvoice(invoice: StatementInvoice): StatementInvoiceType {
  const { payment } = invoice;
  return {
    stripeInvoiceId: invoice.stripeInvoiceId,
    number: invoice.number,
    hostedUrl: invoice.hostedUrl,
    pdfUrl: invoice.pdfUrl,
    status: payment?.status ?? null,
    total: payment === null ? null : mapMoney(payment.total),
    amountDue: payment === null ? null : mapMoney(payment.amountDue),
    amountPaid: payment === null ? null : mapMoney(payment.amountPaid),
    paymentFailed: payment?.failed ?? false,
  };
}
