import { selectProfiles, type SubscriptionRow } from "../../modules/catalog/index.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { SimulationDatabase } from "./simulation-database.ts";
import type { StripeSide } from "./stripe-side.ts";
import type { Trace } from "./trace.ts";
import type { UsageBook } from "./usage-book.ts";

/** A customer of the simulation. */
export type SimulatedCustomer = { index: number; id: string; stripeId: string; testClock: string | null };

/** Everything of one run: Stripe's stand-in, our process and its database, time, and what the senders know. */
export type World = {
  schedule: Schedule;
  time: SimulatedTime;
  trace: Trace;
  database: SimulationDatabase;
  stripe: StripeSide;
  process: SimulatedProcess;
  book: UsageBook;
  customers: SimulatedCustomer[];
  close(): Promise<void>;
};

/** A customer's plans over time, as they are stored now. */
export async function termsOf(world: World, customer: SimulatedCustomer): Promise<readonly SubscriptionRow[]> {
  const { database } = await world.process.container();
  const [profile] = await selectProfiles(database, { ids: [customer.id], externalIds: [] });
  if (profile === undefined) throw new Error(`customer ${customer.index} is there`);
  return profile.subscriptions;
}
