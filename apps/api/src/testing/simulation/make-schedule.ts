import { Dice } from "./dice.ts";
import { metersOfPlan, type PlanKey, planKeys } from "./simulation-catalog.ts";
import type { NetworkFault, Schedule, Step, UsagePlan, WorkerStep } from "./schedule.ts";
import { workerSteps } from "./schedule.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const firstStartAt = Date.UTC(2026, 0, 1);

/** The schedule of a seed. */
export function makeSchedule(seed: number): Schedule {
  const dice = new Dice(seed);
  const plans = Array.from({ length: dice.chance(0.2) ? 2 : 1 }, () => dice.pick(planKeys));
  const isCalm = dice.chance(0.1);
  return {
    seed,
    // Any minute of a year, so that periods start on every day there is, the 31st included.
    startAt: firstStartAt + dice.between(0, 365 * 24 * 60) * minuteMs,
    testClocks: dice.chance(0.5),
    plans,
    sandbox: {
      lagMs: dice.pick([0, 2_000, 30_000]),
      lagJitterMs: dice.pick([0, 0, 20_000]),
      asyncCheckRate: dice.pick([0, 0, 0.5]),
      duplicateRate: dice.pick([0, 0.2]),
      duplicateEventRate: dice.pick([0, 0.1]),
      reorderRate: dice.pick([0, 0.3]),
    },
    steps: new StepMaker(dice, plans, isCalm).make(),
  };
}

class StepMaker {
  readonly #dice: Dice;
  readonly #plans: PlanKey[];
  readonly #isCalm: boolean;
  #keys = 0;
  #sent = 0;

  constructor(dice: Dice, plans: readonly PlanKey[], isCalm: boolean) {
    this.#dice = dice;
    this.#plans = [...plans];
    this.#isCalm = isCalm;
  }

  /** One to three periods, each with its usage and its end. */
  make(): Step[] {
    const steps: Step[] = [];
    const periods = this.#dice.between(1, 3);
    for (let period = 0; period < periods; period += 1) {
      const days = this.#dice.between(2, 5);
      for (let day = 0; day < days; day += 1) steps.push(...this.#day());
      steps.push(...this.#end());
    }
    return steps;
  }

  /** Some usage, and what happens around it. */
  #day(): Step[] {
    const dice = this.#dice;
    const steps: Step[] = [this.#record()];
    if (dice.chance(0.3)) steps.push({ do: "resend", picks: this.#picks(dice.between(1, 6)) });
    if (dice.chance(0.25)) steps.push({ do: "void", pick: this.#pick() });
    if (dice.chance(0.05)) steps.push({ do: "conflict", pick: this.#pick() });
    if (!this.#isCalm && dice.chance(0.5)) steps.push(this.#trouble());
    steps.push({ do: "wait", ms: dice.weighted<number>(this.#waits()), attended: this.#isCalm || dice.chance(0.8) });
    if (dice.chance(0.8)) steps.push(this.#work());
    if (dice.chance(0.06)) steps.push(this.#changePlan());
    return steps;
  }

  /** A billing period ends: usage up to the edge, past it and late, while the worker does its part now and then. */
  #end(): Step[] {
    const dice = this.#dice;
    const customer = dice.between(0, this.#plans.length - 1);
    const steps: Step[] = [
      { do: "period-end", customer, offsetMs: -dice.pick([1, 1_000, 30_000, 10 * minuteMs]) },
      this.#record(),
      this.#work(),
    ];
    if (!this.#isCalm && dice.chance(0.6)) steps.push(this.#trouble());
    steps.push({ do: "wait", ms: dice.pick([1_000, 31_000, 5 * minuteMs, 20 * minuteMs]), attended: false });
    if (dice.chance(0.7)) steps.push(this.#record());
    if (dice.chance(0.8)) steps.push(this.#work());
    if (!this.#isCalm && dice.chance(0.4)) steps.push(this.#trouble());
    steps.push(
      { do: "wait", ms: dice.pick([minuteMs, 30 * minuteMs, 61 * minuteMs, 2 * hourMs]), attended: false },
      this.#work(),
    );
    if (dice.chance(0.4)) steps.push({ do: "void", pick: this.#pick() });
    if (dice.chance(0.6)) steps.push(this.#record());
    steps.push({ do: "wait", ms: dice.pick([minuteMs, hourMs, 3 * hourMs]), attended: false }, this.#work());
    return steps;
  }

  #waits(): [number, number][] {
    const dice = this.#dice;
    return [
      [4, dice.between(1, 120) * 1_000],
      [4, dice.between(5, 300) * minuteMs],
      [3, dice.between(5, 40) * hourMs],
      [1, dice.between(2, 6) * dayMs],
    ];
  }

  #work(): Step {
    const dice = this.#dice;
    if (this.#isCalm || dice.chance(0.4)) return { do: "work", steps: [...workerSteps] };
    const steps: WorkerStep[] = [];
    const count = dice.between(1, 7);
    for (let step = 0; step < count; step += 1) steps.push(dice.pick(workerSteps));
    return { do: "work", steps };
  }

  #trouble(): Step {
    const dice = this.#dice;
    const kind = dice.weighted([
      [6, "crash"],
      [6, "fault"],
      [1, "outage"],
      [1, "deaf"],
      [1, "skew"],
    ] as const);
    switch (kind) {
      case "crash": {
        const moment = dice.chance(0.5) ? ("BEFORE" as const) : ("AFTER" as const);
        return { do: "crash", point: { writesLeft: dice.between(0, 25), moment } };
      }
      case "fault":
        return { do: "fault", fault: this.#fault() };
      case "outage":
        return { do: "outage", ms: dice.pick([10 * minuteMs, hourMs]), how: dice.pick(["REFUSED", "FAILING"]) };
      case "deaf":
        return { do: "deaf", ms: dice.pick([10 * minuteMs, hourMs, 5 * hourMs]) };
      case "skew":
        return { do: "skew", ms: dice.pick([0, 900, -900, 30_000, -30_000, 4 * minuteMs, -4 * minuteMs]) };
    }
  }

  #fault(): NetworkFault {
    const effect = this.#dice.weighted<NetworkFault["effect"]>([
      [4, "LOST_REPLY"],
      [2, "LOST_REQUEST"],
      [2, "TOO_MANY"],
      [2, "SERVER_ERROR_BEFORE"],
      [2, "SERVER_ERROR_AFTER"],
      [1, "CONFLICT"],
    ]);
    return { effect, requests: this.#dice.between(1, 6) };
  }

  #changePlan(): Step {
    const customer = this.#dice.between(0, this.#plans.length - 1);
    const planKey = this.#plans[customer] === "team" ? "sprint" : "team";
    this.#plans[customer] = planKey;
    return { do: "change-plan", customer, planKey, atPeriodEnd: this.#dice.chance(0.6) };
  }

  #record(): Step {
    const count = this.#dice.between(1, 8);
    const items = Array.from({ length: count }, () => this.#item());
    this.#sent += items.length;
    return { do: "record", items };
  }

  #item(): UsagePlan {
    const dice = this.#dice;
    const customer = dice.between(0, this.#plans.length - 1);
    const meterKey = dice.chance(0.95) ? dice.pick(metersOfPlan[this.#plans[customer] ?? "team"]) : "credits";
    this.#keys += 1;
    const quantity = this.#quantity(meterKey);
    return {
      key: `usage-${this.#keys}`,
      customer,
      meterKey,
      quantity,
      // Mostly fresh; some out of order; some so late that their period may be closed, up to what is taken at all.
      agoMs: dice.weighted([
        [6, dice.between(0, 60_000)],
        [3, dice.between(0, 24) * hourMs],
        [2, dice.between(0, 34 * 24 * 60) * minuteMs],
      ]),
      properties:
        meterKey === "users"
          ? { user: `u${dice.between(1, 9)}` }
          : meterKey === "tokens"
            ? { model: dice.pick(["large", "small"]) }
            : null,
    };
  }

  #quantity(meterKey: string): string {
    const dice = this.#dice;
    if (meterKey === "users" || meterKey === "jobs") return "1";
    const amount = dice.pick(["1", "7", "250", "0.5", "1000.25", "0.000001", String(dice.between(1, 900))]);
    return meterKey === "credits" && dice.chance(0.4) ? `-${amount}` : amount;
  }

  #picks(count: number): number[] {
    return Array.from({ length: count }, () => this.#pick());
  }

  #pick(): number {
    return this.#dice.between(0, Math.max(0, this.#sent - 1));
  }
}
