import type Stripe from "stripe";
import type { Wire } from "../wire/wire.ts";
import type { WallClock } from "./clock.ts";
import type { SandboxOptions } from "./options.ts";
import type { Random } from "./random.ts";
import type { State } from "./state.ts";
import type { EpochMs, TimeScope } from "./time.ts";

/** The request that is being worked, which events name as their cause; null for Stripe's own work. */
export type Cause = { id: string; idempotencyKey: string | null };

/** What every handler and engine works on. */
export type World = {
  readonly options: SandboxOptions;
  readonly clock: WallClock;
  readonly random: Random;
  readonly state: State;
  /** The lines of the latest previews by their id, which are kept nowhere else and in no file. */
  readonly previews: Map<string, Wire<Stripe.InvoiceLineItem>[]>;
  cause: Cause | null;
  /** `http://127.0.0.1:12111`, where hosted pages are; empty until the server listens. */
  origin: string;
};

/** The API version that objects and events are rendered in. */
export const API_VERSION = "2026-10-28.endive";

/** A new id such as `cus_00000a1k3x…`. The same calls in the same order give the same ids. */
export function newId(world: World, prefix: string): string {
  world.state.idCounter += 1;
  const count = world.state.idCounter;
  // A multiplicative hash makes ids look unlike one another without making them depend on anything but the count.
  const tail = Math.imul(count, 2_654_435_761) >>> 0;
  return `${prefix}_${count.toString(36).padStart(6, "0")}${tail.toString(36).padStart(7, "0")}`;
}

/** The time that objects of this scope live in. */
export function scopeNow(world: World, scope: TimeScope): EpochMs {
  return (scope === null ? undefined : world.state.testClocks.get(scope)?.nowMs) ?? world.clock.now();
}

/** The time that this customer lives in; an unknown or deleted customer lives in wall time. */
export function customerNow(world: World, customerId: string): EpochMs {
  return scopeNow(world, world.state.customers.get(customerId)?.testClock ?? null);
}
