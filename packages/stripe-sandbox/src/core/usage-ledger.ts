import type { Journal } from "./table.ts";
import type { EpochMs } from "./time.ts";

/** One event that a meter counted. `value` is a decimal string; `order` is the order of receipt. */
export type UsageFact = {
  order: number;
  timestampS: number;
  value: string;
  identifier: string;
};

/** An accepted event that no meter counted yet. */
export type PendingUsage = {
  order: number;
  eventName: string;
  payload: Record<string, string>;
  identifier: string;
  timestampS: number;
  /** The customer's time at receipt, which the timestamp is held against. */
  receivedAt: EpochMs;
  /** Wall time from which it is counted. */
  processAt: EpochMs;
};

/** What is remembered of an identifier: when it came, and where its fact lies once it is counted. */
export type IdentifierMemory = { acceptedAt: EpochMs; eventName: string; key: string | null; order: number };

/** One failed event, waiting for its report. */
export type UsageFailure = {
  meter: string | null;
  code: string;
  message: string;
  identifier: string;
  failedAt: EpochMs;
};

/** How long an identifier is remembered. Stripe says "at least 24 hours"; the harsher reading is: not a moment longer. */
export const IDENTIFIER_MEMORY_MS = 24 * 3_600_000;

/** Meter events, kept apart from the tables because there are so many of them. */
export class UsageLedger {
  private order = 0;
  private readonly facts = new Map<string, UsageFact[]>();
  private identifiers = new Map<string, IdentifierMemory>();
  queue: PendingUsage[] = [];
  failures: UsageFailure[] = [];
  factCount = 0;
  private readonly cancelled = new Set<number>();

  constructor(private readonly journal: Journal) {}

  nextOrder(): number {
    this.order += 1;
    return this.order;
  }

  /** Counted events of one meter and customer, in order of processing. */
  factsOf(meter: string, customer: string): readonly UsageFact[] {
    return this.facts.get(`${meter}|${customer}`) ?? [];
  }

  accept(event: PendingUsage): void {
    this.queue.push(event);
    this.journal.record(() => this.queue.pop());
  }

  count(meter: string, customer: string, fact: UsageFact): void {
    const key = `${meter}|${customer}`;
    const facts = this.facts.get(key);
    if (facts) facts.push(fact);
    else this.facts.set(key, [fact]);
    this.factCount += 1;
    const memory = this.identifiers.get(fact.identifier);
    if (memory?.order === fact.order) this.identifiers.set(fact.identifier, { ...memory, key });
  }

  /** What is known of an identifier, if it is not forgotten yet. */
  recall(identifier: string, now: EpochMs): IdentifierMemory | null {
    this.forget(now);
    return this.identifiers.get(identifier) ?? null;
  }

  remember(identifier: string, memory: IdentifierMemory): void {
    this.identifiers.set(identifier, memory);
    this.journal.record(() => this.identifiers.delete(identifier));
  }

  /** Takes an event back: out of its meter when counted, or so that processing skips it. */
  cancel(memory: IdentifierMemory): void {
    this.cancelled.add(memory.order);
    this.journal.record(() => this.cancelled.delete(memory.order));
    const facts = memory.key === null ? [] : (this.facts.get(memory.key) ?? []);
    const at = facts.findIndex((fact) => fact.order === memory.order);
    const fact = facts[at];
    if (!fact) return;
    facts.splice(at, 1);
    this.journal.record(() => facts.splice(at, 0, fact));
  }

  isCancelled(order: number): boolean {
    return this.cancelled.has(order);
  }

  /** Everything, for a state file. */
  save() {
    const { order, facts, identifiers, queue, failures, cancelled } = this;
    return { order, facts, identifiers, queue, failures, cancelled };
  }

  /** Takes what `save` gave, into an empty ledger. */
  load(saved: ReturnType<UsageLedger["save"]>): void {
    this.order = saved.order;
    for (const [key, facts] of saved.facts) {
      this.facts.set(key, facts);
      this.factCount += facts.length;
    }
    this.identifiers = saved.identifiers;
    this.queue = saved.queue;
    this.failures = saved.failures;
    for (const order of saved.cancelled) this.cancelled.add(order);
  }

  /** Identifiers are inserted in order of time, so the old ones are at the front. */
  private forget(now: EpochMs): void {
    for (const [identifier, memory] of this.identifiers) {
      if (now - memory.acceptedAt < IDENTIFIER_MEMORY_MS) break;
      this.identifiers.delete(identifier);
    }
  }
}
