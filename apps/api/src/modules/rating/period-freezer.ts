import {
  type EpochMs,
  freezableAt,
  freezeBill,
  type LateLine,
  nextPeriodToFreeze,
  type PlanPeriod,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Transaction } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import {
  type BillingProfile,
  type BillingProfiles,
  type MeterRow,
  type Meters,
  type SubscriptionRow,
  selectProfiles,
} from "../catalog/index.ts";
import { instantText, lockUsage, rebuildTimeoutSql } from "../usage/index.ts";
import { customersDue, scheduleClosing } from "./closing-due.ts";
import { insertFrozenPeriod, insertFrozenTotals, insertLateLines } from "./frozen-period.repository.ts";
import { forgetLateMarks, unbilledLateUsage } from "./late-usage.ts";
import { type StoredBill, storedBill } from "./stored-bill.ts";

/** What was just frozen, told in the same transaction. */
export type FrozenNow = StoredBill & {
  /** As it was just before, with `frozenUntil` moved. */
  profile: BillingProfile;
  period: PlanPeriod<SubscriptionRow>;
  lateLines: readonly LateLine[];
  frozenAt: EpochMs;
};

/** Writes what follows from a freeze, such as a statement, or nothing of both. */
export type FreezeListener = (transaction: Transaction, frozen: FrozenNow) => Promise<void>;

/** What the service stands on. */
export type FreezerDependencies = {
  database: Database;
  clock: Clock;
  meters: Meters;
  profiles: BillingProfiles;
};

/** Customers that one look at the queue takes. */
const batchSize = 100;
/** Periods of one customer frozen in a row before the next customer's turn; daily ones may be behind. */
const maxInARow = 50;

/** Freezes billing periods whose grace is over: the only writer of what is closed. */
export class PeriodFreezer {
  readonly #on: FreezerDependencies;
  readonly #listeners: FreezeListener[] = [];

  constructor(dependencies: FreezerDependencies) {
    this.#on = dependencies;
  }

  /** Registers what is written together with a freeze; run in order of registration. */
  addListener(listener: FreezeListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Freezes what is due, of every customer, until nothing is left or `until` (wall clock, milliseconds of
   * `performance.now()`) has passed. A customer that fails is told to `onFailure` and does not keep the others waiting;
   * it is tried again at the next call. Answers how many periods were frozen.
   */
  async freezeDue(options: {
    until: number;
    onFailure: (customerId: string, error: unknown) => void;
  }): Promise<number> {
    let frozen = 0;
    const failed = new Set<string>();
    while (performance.now() < options.until) {
      const due = await customersDue(this.#on.database, this.#on.clock.now(), batchSize + failed.size);
      const next = due.filter((customerId) => !failed.has(customerId));
      if (next.length === 0) break;
      for (const customerId of next) {
        if (performance.now() >= options.until) break;
        try {
          frozen += await this.freezeCustomer(customerId);
        } catch (error) {
          failed.add(customerId);
          options.onFailure(customerId, error);
        }
      }
    }
    return frozen;
  }

  /** Freezes the periods of one customer that are due, oldest first, each in a transaction of its own. */
  async freezeCustomer(customerId: string): Promise<number> {
    const meters = await this.#on.meters.all();
    let count = 0;
    while (count < maxInARow && (await this.#freezeNext(customerId, meters))) count += 1;
    return count;
  }

  /**
   * Under the customer's exclusive usage lock, so that no event is half in: what was recorded before is in the bill, and
   * what comes after knows that it is late. False when nothing is due.
   */
  async #freezeNext(customerId: string, meters: readonly MeterRow[]): Promise<boolean> {
    try {
      return await this.#on.database.transaction(async (transaction) => {
        await transaction.query(rebuildTimeoutSql);
        await lockUsage(transaction, { shared: [], exclusive: [customerId] });
        const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
        if (profile === undefined) return false;
        const period = nextPeriodToFreeze(profile);
        const now = this.#on.clock.now();
        if (period === null || now < freezableAt(period.window)) {
          await scheduleClosing(transaction, profile);
          return false;
        }
        const frozen = await freeze(transaction, { profile, period, meters, now });
        for (const listener of this.#listeners) await listener(transaction, frozen);
        return true;
      });
    } finally {
      this.#on.profiles.changed(customerId);
    }
  }
}

type FreezeRequest = {
  profile: BillingProfile;
  period: PlanPeriod<SubscriptionRow>;
  meters: readonly MeterRow[];
  now: EpochMs;
};

async function freeze(transaction: Transaction, of: FreezeRequest): Promise<FrozenNow> {
  const { profile, period, meters, now } = of;
  const { customerId } = profile;
  const { usages, bill } = await storedBill(transaction, of);
  const late = await unbilledLateUsage(transaction, { profile, meters, now });
  const { startAt, endAt } = period.window;
  await insertFrozenPeriod(transaction, {
    customerId,
    startAt,
    endAt,
    subscriptionId: period.term.id,
    bill: freezeBill(bill, usages),
    frozenAt: now,
  });
  const idOf = new Map(meters.map((meter) => [meter.definition.key, meter.id]));
  const totals = [...usages].map(([meterKey, { quantity, eventCount }]) => {
    const meterId = idOf.get(meterKey);
    invariant(meterId, `meter ${meterKey} is there`);
    return { meterId, quantity, eventCount };
  });
  await insertFrozenTotals(transaction, { customerId, startAt }, totals);
  await insertLateLines(transaction, { customerId, billedStartAt: startAt }, late.lines);
  await forgetLateMarks(transaction, customerId, late.marks);
  await transaction.query(
    "UPDATE customer SET frozen_until = $2, billing_version = billing_version + 1 WHERE id = $1",
    [customerId, instantText(endAt)],
  );
  const moved = { ...profile, frozenUntil: endAt, billingVersion: profile.billingVersion + 1 };
  await scheduleClosing(transaction, moved);
  return { usages, bill, profile: moved, period, lateLines: late.lines, frozenAt: now };
}
