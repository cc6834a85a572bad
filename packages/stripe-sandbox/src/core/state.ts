import type * as R from "./records.ts";
import { Journal, Table } from "./table.ts";
import { UsageLedger } from "./usage-ledger.ts";

/** Everything the sandbox holds. All writes go through tables and the ledger, so that one journal can undo them. */
export class State {
  readonly journal = new Journal();
  /** Grows with every id handed out; part of the ids, so the same calls give the same ids. */
  idCounter = 0;
  readonly usage = new UsageLedger(this.journal);

  readonly customers = new Table<R.CustomerRecord>(this.journal);
  /** Deleted customers, which can still be retrieved as `{ deleted: true }`. */
  readonly deletedCustomers = new Table<{ id: string }>(this.journal);
  readonly paymentMethods = new Table<R.PaymentMethodRecord>(this.journal);
  readonly products = new Table<R.ProductRecord>(this.journal);
  readonly prices = new Table<R.PriceRecord>(this.journal, { lookupKey: (row) => row.wire.lookup_key });
  readonly meters = new Table<R.MeterRecord>(this.journal, { eventName: (row) => row.eventName });
  readonly subscriptions = new Table<R.SubscriptionRecord>(this.journal, { customer: (row) => row.customer });
  readonly items = new Table<R.ItemRecord>(this.journal, { subscription: (row) => row.subscription });
  readonly invoices = new Table<R.InvoiceRecord>(this.journal, {
    customer: (row) => row.customer,
    drafts: (row) => (row.wire.status === "draft" ? "yes" : null),
    retries: (row) => (row.wire.status === "open" && row.wire.next_payment_attempt !== null ? "yes" : null),
  });
  readonly lines = new Table<R.LineRecord>(this.journal, { invoice: (row) => row.invoice });
  readonly invoiceItems = new Table<R.InvoiceItemRecord>(this.journal, { customer: (row) => row.customer });
  readonly creditNotes = new Table<R.CreditNoteRecord>(this.journal, { invoice: (row) => row.invoice });
  readonly creditGrants = new Table<R.CreditGrantRecord>(this.journal, { customer: (row) => row.customer });
  readonly creditTransactions = new Table<R.CreditTransactionRecord>(this.journal, {
    customer: (row) => row.customer,
    invoice: (row) => row.invoice,
  });
  readonly portalSessions = new Table<R.PortalSessionRecord>(this.journal);
  readonly checkoutSessions = new Table<R.CheckoutSessionRecord>(this.journal);
  readonly testClocks = new Table<R.TestClockRecord>(this.journal);
  readonly events = new Table<R.EventRecord>(this.journal);
  readonly endpoints = new Table<R.EndpointRecord>(this.journal);
  readonly deliveries = new Table<R.DeliveryRecord>(this.journal, {
    event: (row) => row.event,
    pending: (row) => (row.state === "pending" ? "yes" : null),
  });
  readonly usageRecords = new Table<R.UsageRecordRecord>(this.journal, { item: (row) => row.item });
  readonly meterSessions = new Table<R.MeterSessionRecord>(this.journal);

  private tables(): [string, Table<{ id: string }>][] {
    const tables = Object.entries(this).filter(([, value]) => value instanceof Table);
    return tables as [string, Table<{ id: string }>][];
  }

  /** Everything, for a state file. */
  save() {
    const tables = Object.fromEntries(this.tables().map(([name, table]) => [name, table.values()]));
    return { idCounter: this.idCounter, tables, usage: this.usage.save() };
  }

  /** Takes what `save` gave, into an empty state. */
  load(saved: ReturnType<State["save"]>): void {
    this.idCounter = saved.idCounter;
    for (const [name, table] of this.tables()) for (const row of saved.tables[name] ?? []) table.put(row);
    this.usage.load(saved.usage);
  }

  /** How many rows each table holds. */
  counts(): Record<string, number> {
    const counts = Object.fromEntries(this.tables().map(([name, table]) => [name, table.size]));
    return { ...counts, usageFacts: this.usage.factCount, usageQueue: this.usage.queue.length };
  }
}
