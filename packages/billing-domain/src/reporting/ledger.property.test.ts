import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Decimal, decimal, formatDecimal, sumDecimals, ZERO } from "../decimal.ts";
import { planReports } from "./plan-report.ts";
import { afterAttempt, mayRepeat } from "./report-retry.ts";
import { mayBecome, type ReportState } from "./report-state.ts";
import { QUIET_MS, settleUncertain } from "./settle-uncertain.ts";

const HOUR = 3_600_000;
const window = { startAt: 0, endAt: 30 * 24 * HOUR };

type Row = {
  sequence: number;
  delta: Decimal;
  state: ReportState;
  attempts: number;
  doubtfulSince: number | null;
  nextAttemptAt: number | null;
  sentAt: number;
};

/** What a call can come to: done and told, done and not told, neither, refused for now, or the process dies around it. */
type Fate = "ok" | "lost" | "never" | "busy" | "crash before" | "crash after";

/** Stripe as the ledger may rely on it: an identifier counts once within 24 hours, and again after them. */
class Counter {
  total = ZERO;
  private readonly known = new Map<number, number>();

  receive(sequence: number, delta: Decimal, now: number): "counted" | "known" {
    const at = this.known.get(sequence);
    if (at !== undefined && now < at + 24 * HOUR) return "known";
    this.known.set(sequence, now);
    this.total = this.total.plus(delta);
    return "counted";
  }
}

class Ledger {
  readonly rows: Row[] = [];
  readonly stripe = new Counter();
  now = HOUR;
  target = ZERO;

  plan(): void {
    const standing = this.rows.filter((row) => row.state !== "NOT_COUNTED");
    const planned = sumDecimals(standing.map((row) => row.delta));
    const plan = planReports({
      target: this.target,
      planned,
      mode: "DELTA",
      window,
      now: this.now,
      lastEventAt: null,
    });
    if (!plan.ok) throw new Error(plan.code);
    for (const { delta } of plan.reports) this.add(delta);
  }

  send(fate: Fate): void {
    const row = this.rows.find((one) => one.state === "PENDING" && (one.nextAttemptAt ?? 0) <= this.now);
    if (row === undefined) return;
    if (!mayRepeat({ ...row, isRepeatable: false }, this.now)) return this.move(row, "UNCERTAIN");
    this.move(row, "SENDING");
    row.attempts += 1;
    row.sentAt = this.now;
    if (fate === "crash before") return;
    const reaches = fate === "ok" || fate === "lost" || fate === "crash after";
    const answer = reaches ? this.stripe.receive(row.sequence, row.delta, this.now) : null;
    if (fate === "crash after") return;
    const outcome =
      fate === "busy"
        ? ({ kind: "RETRYABLE", retryAfterMs: null } as const)
        : fate === "ok"
          ? ({ kind: answer === "known" ? "ALREADY_DONE" : "DONE" } as const)
          : ({ kind: "AMBIGUOUS", retryAfterMs: null } as const);
    const result = afterAttempt({
      outcome,
      attempts: row.attempts,
      startedAt: this.now,
      now: this.now,
      doubtfulSince: row.doubtfulSince,
      isRepeatable: false,
      random: 0.5,
    });
    this.move(row, result.state);
    Object.assign(row, { nextAttemptAt: result.nextAttemptAt, doubtfulSince: result.doubtfulSince });
  }

  /** What the next leader does with what the one before it left behind. */
  recover(): void {
    for (const row of this.rows.filter((one) => one.state === "SENDING")) {
      this.move(row, "PENDING");
      row.doubtfulSince ??= row.sentAt;
      row.nextAttemptAt = this.now;
    }
  }

  settle(): void {
    const uncertain = this.rows.filter((row) => row.state === "UNCERTAIN");
    const open = this.rows.some((row) => row.state === "SENDING" || (row.state === "PENDING" && row.doubtfulSince));
    if (uncertain.length === 0 || open) return;
    const certain = sumDecimals(this.rows.filter((row) => row.state === "ACCEPTED").map((row) => row.delta));
    const settlement = settleUncertain({
      counted: this.stripe.total,
      certain,
      uncertain,
      lastSentAt: Math.max(...this.rows.map((row) => row.sentAt)),
      now: this.now,
      sameReads: 2,
    });
    if (settlement.kind !== "SETTLED") return;
    for (const row of uncertain) {
      const counted = settlement.counted.includes(row.sequence);
      this.move(row, counted ? "ACCEPTED" : "NOT_COUNTED");
      if (!counted) this.add(row.delta);
    }
  }

  private add(delta: Decimal): void {
    const sequence = this.rows.length + 1;
    const fresh = { state: "PENDING" as const, attempts: 0, doubtfulSince: null, nextAttemptAt: this.now, sentAt: 0 };
    this.rows.push({ sequence, delta, ...fresh });
  }

  private move(row: Row, to: ReportState): void {
    if (!mayBecome(row.state, to)) throw new Error(`${row.state} may not become ${to}`);
    row.state = to;
  }
}

type Step =
  | { do: "use"; quantity: number }
  | { do: "plan" | "recover" | "settle" }
  | { do: "send"; fate: Fate }
  | { do: "wait"; ms: number };
const fates: Fate[] = ["ok", "lost", "never", "busy", "crash before", "crash after"];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("use" as const), quantity: fc.integer({ min: -4, max: 9 }) }),
  fc.record({ do: fc.constantFrom("plan" as const, "recover" as const, "settle" as const) }),
  fc.record({ do: fc.constant("send" as const), fate: fc.constantFrom(...fates) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 60_000, HOUR, 20 * HOUR, 30 * HOUR) }),
);

test("whatever is lost, doubled or killed, and however long it takes: Stripe counts our total", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ledger = new Ledger();
      for (const one of steps) {
        if (one.do === "use") ledger.target = ledger.target.plus(decimal(BigInt(one.quantity)));
        else if (one.do === "send") ledger.send(one.fate);
        else if (one.do === "wait") ledger.now += ledger.now + one.ms < 25 * 24 * HOUR ? one.ms : 1_000;
        else ledger[one.do]();
      }
      // From here on all goes well.
      ledger.recover();
      for (let turn = 0; turn < 200; turn += 1) {
        ledger.plan();
        ledger.now += QUIET_MS;
        ledger.send("ok");
        ledger.settle();
      }
      expect(formatDecimal(ledger.stripe.total)).toBe(formatDecimal(ledger.target));
      expect(ledger.rows.every((row) => ["ACCEPTED", "NOT_COUNTED"].includes(row.state))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
