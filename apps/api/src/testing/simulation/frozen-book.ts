import {
  type BilledLate,
  type Bill,
  decimal,
  type EpochMs,
  type FrozenBill,
  formatDecimal,
  type LateLine,
  lateLinesOf,
  rateBill,
  shareOfWindow,
  customerPeriodAt,
  thawBill,
  type Window,
} from "@meterline/billing-domain";
import { fail } from "./simulation-failure.ts";
import { type SimulatedCustomer, termsOf, type World } from "./world.ts";

/** A period that was closed, as it stood when it was first seen. */
type Frozen = {
  customer: SimulatedCustomer;
  window: Window;
  bill: FrozenBill;
  frozenAt: EpochMs;
  billedLate: BilledLate[];
};

/**
 * What was closed, seen after every step. Each new closing must be what the book of usage says at that moment, and what
 * was closed once must stay as it is.
 */
export class FrozenBook {
  readonly #world: World;
  readonly #periods = new Map<string, Frozen>();
  readonly #rows = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Looks at everything that is closed. @throws SimulationFailure when it is not what it must be, or has changed */
  async look(): Promise<void> {
    await this.#nothingChanged();
    for (const customer of this.#world.customers) await this.#newPeriods(customer);
  }

  /** A closed period of a customer, by its start. */
  find(customer: SimulatedCustomer, startAt: EpochMs): Frozen | undefined {
    return this.#periods.get(keyOf(customer, startAt));
  }

  /** Nothing that came late is left unbilled: what was billed for each closed period is what it costs, all in all. */
  async checkNothingUnbilled(): Promise<void> {
    for (const frozen of this.#periods.values()) {
      const [left] = await this.#lateLines(frozen);
      if (left === undefined) continue;
      const what = `${left.meterKey ?? "the bill's bounds"} of customer ${frozen.customer.index} from ${iso(frozen.window)}`;
      fail("LATE_UNBILLED", `${what}: ${formatDecimal(left.quantity)} units, ${left.amount.amountMinor} cents`);
    }
  }

  /** Rows that are written once: any change of one, and any that is gone, is a failure. */
  async #nothingChanged(): Promise<void> {
    const { rows } = await this.#world.database.admin.query<{ key: string; content: string }>(writtenOnce);
    const seen = new Map(rows.map((row) => [row.key, row.content]));
    for (const [key, content] of this.#rows) {
      const now = seen.get(key);
      if (now !== content) fail("CLOSED_CHANGED", `${key} was ${content} and is ${now ?? "gone"}`);
    }
    for (const [key, content] of seen) this.#rows.set(key, content);
  }

  async #newPeriods(customer: SimulatedCustomer): Promise<void> {
    const { rows } = await this.#world.database.admin.query<FrozenRow>(
      `SELECT period_start, period_end, bill, frozen_at, xmin::text AS written FROM frozen_period
       WHERE customer_id = $1 ORDER BY period_start`,
      [customer.id],
    );
    for (const row of rows) {
      const window = { startAt: row.period_start.getTime(), endAt: row.period_end.getTime() };
      if (this.find(customer, window.startAt) !== undefined) continue;
      const frozen = { customer, window, bill: row.bill, frozenAt: row.frozen_at.getTime(), billedLate: [] };
      await this.#checkBill(frozen);
      await this.#checkLateLines(frozen, row.written);
      this.#periods.set(keyOf(customer, window.startAt), frozen);
      this.#world.trace.say(`closed: customer-${customer.index} from ${iso(window)}: ${row.bill.totalMinor} cents`);
    }
  }

  /** The frozen bill is the rating of everything that stands now: nothing was recorded since it was frozen. */
  async #checkBill({ customer, window, bill }: Frozen): Promise<void> {
    const expected = await this.#knownBill(customer, window);
    const [ours, theirs] = [textOf(thawBill(bill).bill), textOf(expected)];
    if (ours === theirs) return;
    fail("FROZEN_BILL", `customer ${customer.index} from ${iso(window)}: frozen ${ours}, the usage says ${theirs}`);
  }

  /** With a period, everything is billed that came late of those before it, and nothing twice. */
  async #checkLateLines(frozen: Frozen, written: string): Promise<void> {
    const expected: LateLine[] = [];
    for (const earlier of this.#periods.values()) {
      if (earlier.customer !== frozen.customer) continue;
      const lines = await this.#lateLines(earlier, written);
      expected.push(...lines);
      earlier.billedLate.push(...lines);
    }
    const { rows } = await this.#world.database.admin.query<LateRow>(
      `SELECT source_start, meter_key, quantity, amount_minor FROM late_usage_line
       WHERE customer_id = $1 AND billed_start = $2 AND NOT uncharged`,
      [frozen.customer.id, new Date(frozen.window.startAt)],
    );
    const billed = rows.map(
      (row) =>
        `${iso({ startAt: row.source_start.getTime() })} ${row.meter_key} ${formatDecimal(decimal(row.quantity))} ${row.amount_minor}`,
    );
    const wanted = expected.map(
      (line) =>
        `${iso(line.source)} ${line.meterKey ?? ""} ${formatDecimal(line.quantity)} ${line.amount.amountMinor.toString()}`,
    );
    const [ours, theirs] = [billed, wanted].map((lines) => lines.toSorted().join("; "));
    if (ours === theirs) return;
    const where = `customer ${frozen.customer.index}, billed from ${iso(frozen.window)}`;
    fail("LATE_LINES", `${where}: billed [${ours}], the usage says [${theirs}]`);
  }

  async #lateLines({ customer, window, bill, billedLate }: Frozen, before: string | null = null): Promise<LateLine[]> {
    const known = await this.#knownBill(customer, window);
    const uncharged = await this.#uncharged(customer, window, before);
    return lateLinesOf({
      source: window,
      frozen: thawBill(bill).bill,
      billedLate: [...billedLate, ...uncharged],
      known,
    });
  }

  /**
   * What invoices that Stripe finalized by itself did not charge of a period, as far as it was written before a later one
   * was frozen: transactions of one customer come one after the other. That they did not, `checkInvoices` sees.
   */
  async #uncharged(customer: SimulatedCustomer, window: Window, before: string | null): Promise<BilledLate[]> {
    const { rows } = await this.#world.database.admin.query<LateRow & { currency: string }>(
      `SELECT source_start, meter_key, quantity, amount_minor, detail ->> 'currency' AS currency FROM late_usage_line
       WHERE customer_id = $1 AND source_start = $2 AND uncharged
         AND ($3::text IS NULL OR xmin::text::bigint < $3::bigint)`,
      [customer.id, new Date(window.startAt), before],
    );
    return rows.map((row) => ({
      meterKey: row.meter_key === "" ? null : row.meter_key,
      quantity: decimal(row.quantity),
      amount: { amountMinor: BigInt(row.amount_minor), currency: row.currency },
    }));
  }

  async #knownBill(customer: SimulatedCustomer, window: Window): Promise<Bill> {
    const terms = await termsOf(this.#world, customer);
    const period = customerPeriodAt(terms, window.startAt);
    if (period.term === null || period.window.endAt !== window.endAt) {
      fail("FROZEN_PERIOD", `customer ${customer.index} has no billing period from ${iso(window)}`);
    }
    const usages = this.#world.book.usages(customer.index, window, window.endAt);
    return rateBill(period.term.plan, usages, { periodShare: shareOfWindow(period.window, period.full) });
  }
}

/** Everything that says of itself that it never changes. */
const writtenOnce = `
  SELECT 'period ' || customer_id || ' ' || period_start AS key, to_jsonb(p)::text AS content FROM frozen_period p
  UNION ALL SELECT 'usage ' || customer_id || ' ' || meter_id || ' ' || period_start, to_jsonb(u)::text FROM frozen_usage u
  UNION ALL SELECT 'late ' || customer_id || ' ' || source_start || ' ' || billed_start || ' ' || meter_key || ' ' || uncharged, to_jsonb(l)::text
    FROM late_usage_line l
  UNION ALL SELECT 'statement ' || id, to_jsonb(s)::text FROM statement s WHERE state = 'FINAL'
  UNION ALL SELECT 'line ' || statement_id || ' ' || position, to_jsonb(l)::text FROM statement_line l`;

type FrozenRow = { period_start: Date; period_end: Date; bill: FrozenBill; frozen_at: Date; written: string };
type LateRow = { source_start: Date; meter_key: string; quantity: string; amount_minor: string };

const keyOf = (customer: SimulatedCustomer, startAt: EpochMs): string => `${customer.index} ${startAt}`;
const iso = (window: { startAt: EpochMs }): string => new Date(window.startAt).toISOString();

/** A bill by its amounts and quantities: how a "no value" is written does not matter here. */
function textOf(bill: Bill): string {
  const lines = bill.lines.map(
    (line) => `${line.meterKey} ${formatDecimal(line.quantity)} ${formatDecimal(line.unroundedAmount)}`,
  );
  const adjustments = bill.adjustments.map((one) => `${one.label} ${one.amount.amountMinor}`);
  return [`base ${bill.baseFee.amountMinor}`, ...lines, ...adjustments, `total ${bill.total.amountMinor}`].join(", ");
}
