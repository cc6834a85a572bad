import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../../platform/observability/index.ts";
import { type Database, SessionLocks } from "../../platform/database/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { periodLinks } from "../../wiring/closing-links.ts";
import { type PeriodEndBench, type StripeCustomer, startPeriodEnds } from "./period-end.testing.ts";
import { PeriodEndService } from "./period-end.service.ts";

const hour = 3_600_000;
/** A call that never comes back: what follows it in the process never runs. */
const never = new Promise<never>(() => undefined);

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds();
});
afterAll(() => bench?.stop());

/** Counts writes, to Stripe and to the database, and lets the process die at one of them. */
class Mortal {
  isDead = false;
  #writes = 0;
  readonly died: Promise<void>;
  #die: () => void = () => undefined;
  readonly #at: number;
  readonly #when: "BEFORE" | "AFTER";

  constructor(at: number, when: "BEFORE" | "AFTER") {
    this.#at = at;
    this.#when = when;
    this.died = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  async write<T>(work: () => Promise<T>): Promise<T> {
    this.#writes += 1;
    if (this.#writes !== this.#at) return work();
    if (this.#when === "AFTER") await work();
    this.isDead = true;
    this.#die();
    return never;
  }
}

/** The same thing, whose calls of some methods are writes. */
function counted<T extends object>(target: T, isWrite: (path: string) => boolean, mortal: Mortal, path = ""): T {
  return new Proxy(target, {
    get(_target, name) {
      const value: unknown = Reflect.get(target, name, target);
      const here = path === "" ? String(name) : `${path}.${String(name)}`;
      if (typeof value === "function") {
        return (...parameters: unknown[]) => {
          const run = () => (value as (...of: unknown[]) => Promise<unknown>).apply(target, parameters);
          return isWrite(here) ? mortal.write(run) : run();
        };
      }
      return typeof value === "object" && value !== null ? counted(value, isWrite, mortal, here) : value;
    },
  });
}

const stripeWrites = new Set([
  "stripe.invoices.update",
  "stripe.invoices.finalizeInvoice",
  "stripe.invoiceItems.create",
]);

/** Works ends of periods as another process would, which dies at a write. */
async function workUntilDeath(mortal: Mortal): Promise<void> {
  const { container, gateway, clock } = bench;
  const logger = createLogger("silent");
  const locks = new SessionLocks(container.config.database.url, logger);
  const service = new PeriodEndService({
    // A transaction is one write: it happens or it does not.
    database: counted(container.database, (name) => name === "transaction", mortal) as Database,
    gateway: counted(gateway, (name) => stripeWrites.has(name), mortal) as StripeGateway,
    reporting: container.reporting.reporting,
    links: periodLinks,
    meters: container.meters,
    locks,
    clock,
    logger,
  });
  await Promise.race([mortal.died, service.work.drain()]);
  // The session of a killed process ends, and its locks with it.
  await locks.close();
}

const minute = 60_000;

/** Customers whose period is over, with a line of each sort, waiting for their drafts to be worked. */
async function waiting(count: number): Promise<StripeCustomer[]> {
  const customers: StripeCustomer[] = [];
  for (let made = 0; made < count; made += 1) customers.push(await bench.subscribe());
  for (const customer of customers) {
    await bench.use(customer, "1600");
    await bench.use(customer, "7", { meterKey: "peak" });
  }
  const endAt = customers[0]?.endAt ?? 0;
  await bench.jumpTo(endAt - hour);
  const work = bench.container.closing.periodEnds?.work;
  if (work === undefined) throw new Error("Stripe is configured");
  // Nothing is worked by the bench itself: only told of.
  const drain = work.drain.bind(work);
  work.drain = async () => 0;
  await bench.jumpTo(endAt);
  work.drain = drain;
  return customers;
}

/** Has a process work one customer's closing and no other, until it dies. */
async function workAlone(customer: StripeCustomer, mortal: Mortal): Promise<void> {
  const { database } = bench.container;
  const others = "customer_id <> $1 AND state <> 'DONE'";
  const later = await database.query<{ id: string; due_at: Date | null }>(
    `SELECT id, due_at FROM period_closing WHERE ${others}`,
    [customer.customerId],
  );
  await database.query(`UPDATE period_closing SET due_at = NULL WHERE ${others}`, [customer.customerId]);
  await workUntilDeath(mortal);
  for (const { id, due_at } of later)
    await database.query("UPDATE period_closing SET due_at = $2 WHERE id = $1", [id, due_at]);
}

async function expectClosed(customer: StripeCustomer): Promise<void> {
  const statement = (await bench.statements(customer)).at(-1);
  expect(statement).toMatchObject({ kind: "PERIOD_END", state: "FINAL", total: { amountMinor: 4650n } });
  const invoice = await bench.stripe.invoices.retrieve(statement?.invoice?.stripeInvoiceId ?? "");
  expect([invoice.status, invoice.total, invoice.lines.data.length]).toEqual(["paid", 4650, 4]);
  expect((await bench.tickets(customer)).filter((one) => one.state !== "REPAIRED")).toEqual([]);
}

/** Places to die at; there are fewer writes, so that the last ones are past the end. */
const places = 14;

describe("a process that is killed at any write of a period's end", () => {
  it("is taken up by another: one invoice, each item once, final to the cent", async () => {
    const deaths = (["BEFORE", "AFTER"] as const).flatMap((when) =>
      Array.from({ length: places }, (_, index) => new Mortal(index + 1, when)),
    );
    const customers = await waiting(deaths.length);
    const endAt = customers[0]?.endAt ?? 0;
    const each = async (work: (customer: StripeCustomer, mortal: Mortal) => Promise<void>) => {
      for (const [index, customer] of customers.entries()) {
        const mortal = deaths[index];
        if (mortal !== undefined && !mortal.isDead) await work(customer, mortal);
      }
    };
    await each(workAlone);
    // A death before the draft is held leaves it to Stripe, so another process has to come within the hour.
    await bench.jumpTo(endAt + 50 * minute);
    bench.clock.set(endAt + 61 * minute);
    await bench.container.closing.freezer.freezeDue({ until: performance.now() + 30_000, onFailure: () => undefined });
    await each(workAlone);
    await bench.closePeriod(endAt);
    // Hold, freeze, items, finalize and the end are all behind a write that somebody died at; none survived them all.
    expect(deaths.filter((mortal) => mortal.isDead).length).toBeGreaterThanOrEqual(20);
    expect(deaths.filter((mortal) => !mortal.isDead).length).toBeGreaterThan(0);
    for (const customer of customers) await expectClosed(customer);
  }, 180_000);
});
