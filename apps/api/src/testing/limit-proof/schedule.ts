import type { LimitDefinition } from "@meterline/billing-domain";
import pg from "pg";
import type { Container } from "../../container.ts";
import type { HoldRequest } from "../../modules/holds/index.ts";
import { limitLockSql } from "../../modules/limits/index.ts";
import type { FrozenClock } from "../../platform/clock.ts";
import { isOutage } from "../../platform/database/index.ts";
import { CallerError } from "../../platform/graphql/index.ts";
import { usageItem } from "../test-system.ts";
import { doing } from "./decision-log.ts";
import type { ModelLimit } from "./limit-model.ts";
import type { Doing } from "./replay.ts";

/** A limit of the schedule: as it is set, and as the model knows it. */
export type ScheduledLimit = {
  definition: LimitDefinition;
  model: Omit<ModelLimit, "bound">;
  /** Bounds that it is changed between. */
  bounds: readonly bigint[];
};

/** Numbers from a seed, the same each time: a schedule that failed can be looked at again. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

type World = {
  customerId: string;
  /** Another customer, without limits, whose usage travels in the same batches. */
  bystanderId: string;
  containers: readonly Container[];
  clock: FrozenClock;
  databaseUrl: string;
  limits: readonly ScheduledLimit[];
  seed: number;
};

/** Usage that a writer records. */
type WrittenUsage = { meter: string; units: bigint; at: number; key: string; properties: Record<string, string> };

const hourMs = 3_600_000;
const maxAttempts = 5_000;

/** One writer's steps: everything that takes or gives units, sent again under its key until it is answered. */
export class Writer {
  readonly #world: World;
  readonly #pick: (below: number) => number;
  readonly #name: string;
  readonly #events: { id: string; key: string }[] = [];
  readonly #holds: string[] = [];
  #count = 0;
  unavailable = 0;

  constructor(world: World, index: number) {
    this.#world = world;
    this.#name = `w${index}`;
    this.#pick = random(world.seed * 1_000 + index);
  }

  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step += 1) await this.#step();
  }

  /** Takes one unit back, which always has room: a change of a limit puts counters away, and this counts them again. */
  takeOneBack(): Promise<void> {
    return this.#recordAll([{ ...this.#usage(), meter: "units", units: -1n }]);
  }

  async #step(): Promise<void> {
    const roll = this.#pick(100);
    if (roll < 48) return this.#record(1);
    if (roll < 62) return this.#record(2 + this.#pick(5));
    if (roll < 74) return this.#hold();
    if (roll < 82) return this.#commit();
    if (roll < 86) return this.#release();
    if (roll < 93) return this.#void();
    if (roll < 96) return this.#setLimit();
    if (roll < 97) return this.#abandon();
    this.#world.clock.advance(this.#pick(20) * 1_000);
  }

  #usage(): WrittenUsage {
    const { clock } = this.#world;
    const meter = this.#pick(3) === 0 ? "calls" : "units";
    const negative = meter === "units" && this.#pick(6) === 0;
    this.#count += 1;
    return {
      meter,
      units: BigInt(1 + this.#pick(9)) * (negative ? -1n : 1n),
      at: clock.now() - this.#pick(60) * hourMs,
      key: `${this.#name} ${this.#count}`,
      properties: { model: this.#pick(2) === 0 ? "big" : "small", region: "eu" },
    };
  }

  #record(count: number): Promise<void> {
    return this.#recordAll(Array.from({ length: count }, () => this.#usage()));
  }

  async #recordAll(usages: readonly WrittenUsage[]): Promise<void> {
    const items = usages.flatMap((one) => {
      const item = {
        meterKey: one.meter,
        quantity: String(one.units),
        occurredAt: new Date(one.at).toISOString(),
        properties: one.properties,
      };
      const own = usageItem({ ...item, customerId: this.#world.customerId, idempotencyKey: one.key });
      if (this.#pick(8) > 0) return [own];
      return [own, usageItem({ ...item, quantity: "1", customerId: this.#world.bystanderId, idempotencyKey: one.key })];
    });
    const outcomes = await this.#answered((container) => container.ingestion.record(items, { mayBackfill: false }));
    for (const outcome of outcomes) {
      if (outcome.outcome !== "RECORDED" || outcome.event.customerId !== this.#world.customerId) continue;
      this.#events.push({ id: outcome.event.id, key: outcome.event.idempotencyKey });
    }
  }

  async #hold(): Promise<void> {
    const { customerId, clock } = this.#world;
    const usage = this.#usage();
    const units = usage.units < 0n ? -usage.units : usage.units;
    const seconds = 10 + this.#pick(120);
    const request: HoldRequest = {
      kind: "RESERVATION",
      customer: { customerId, externalCustomerId: null },
      meterKey: usage.meter,
      quantity: String(units),
      properties: usage.properties,
      seconds,
      idempotencyKey: usage.key,
      createdBy: "a writer",
    };
    const outcome = await this.#answered((container) => {
      const what: Doing = {
        do: "hold",
        customerId,
        usage: { ...usage, units, at: clock.now() },
        expiresAt: clock.now() + seconds * 1_000,
      };
      return doing.run(what, () => container.holding.holds.hold(request));
    });
    if (outcome.ok) this.#holds.push(outcome.hold.id);
  }

  async #commit(): Promise<void> {
    const reservationId = this.#holds.splice(this.#pick(this.#holds.length), 1)[0];
    if (reservationId === undefined) return;
    const customer = { customerId: this.#world.customerId, externalCustomerId: null };
    const quantity = this.#pick(3) === 0 ? null : String(this.#pick(12));
    const { outcome } = await this.#answered((container) =>
      container.holding.commits.commit({ customer, reservationId, quantity }),
    );
    // A commit that had no room is tried again later, when its hold may have ended.
    if (outcome.outcome === "REJECTED") this.#holds.push(reservationId);
  }

  async #release(): Promise<void> {
    const holdId = this.#holds[this.#pick(this.#holds.length)];
    if (holdId === undefined) return;
    const { customerId } = this.#world;
    await this.#answered((container) =>
      doing.run({ do: "release", customerId, holdId } satisfies Doing, () =>
        container.holding.holds.release({ customerId, externalCustomerId: null }, holdId),
      ),
    );
  }

  async #void(): Promise<void> {
    const event = this.#events[this.#pick(this.#events.length)];
    if (event === undefined) return;
    const { customerId } = this.#world;
    const request = { customerId, eventId: event.id, reason: "the proof", idempotencyKey: `void ${event.id}` };
    await this.#answered((container) =>
      doing.run({ do: "void", customerId, eventKey: event.key } satisfies Doing, () =>
        container.voids.voidEvent(request),
      ),
    );
  }

  async #setLimit(): Promise<void> {
    const scheduled = this.#world.limits[this.#pick(this.#world.limits.length)];
    if (scheduled === undefined) return;
    await setLimit(this.#world, scheduled, scheduled.bounds[this.#pick(scheduled.bounds.length)] ?? 0n, (send) =>
      this.#answered(send),
    );
  }

  /** A process that dies in the middle: it holds the lock, has written, and is gone without a word. */
  async #abandon(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#world.databaseUrl });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query(`BEGIN; SET LOCAL lock_timeout = '1s'; ${limitLockSql([this.#world.customerId])}`);
      await client.query("UPDATE limit_counter SET used = used + 1000 WHERE customer_id = $1", [
        this.#world.customerId,
      ]);
      await client.query("DELETE FROM usage_hold WHERE customer_id = $1", [this.#world.customerId]);
      await client.query("SELECT pg_terminate_backend(pg_backend_pid())");
    } catch {
      // Its connection was cut, or it never got the lock: either way nothing of it remains.
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Sends the same again, to any process, until it is answered by something other than an outage. */
  async #answered<T>(send: (container: Container) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const container = this.#world.containers[this.#pick(this.#world.containers.length)];
      if (container === undefined) throw new Error("there is no process");
      try {
        return await send(container);
      } catch (error) {
        const outage = isOutage(error) || (error instanceof CallerError && error.code === "UNAVAILABLE");
        if (!outage || attempt === maxAttempts) throw error;
        this.unavailable += 1;
        await new Promise((resolve) => setTimeout(resolve, 5 + this.#pick(20)));
      }
    }
  }
}

/** Sets a limit of the schedule to a bound. */
export async function setLimit(
  world: Pick<World, "customerId">,
  scheduled: ScheduledLimit,
  bound: bigint,
  answered: (send: (container: Container) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const { customerId } = world;
  const { definition, model } = scheduled;
  const cents = `${bound / 100n}.${String(bound % 100n).padStart(2, "0")}`;
  const wanted = {
    ...definition,
    ...(definition.amount === undefined ? { quantity: String(bound) } : { amount: cents }),
  };
  const what: Doing = { do: "limit", customerId, limit: { ...model, bound } };
  await answered((container) => doing.run(what, () => container.limiting.limits.set(null, customerId, wanted)));
}
