import type { Container } from "../../container.ts";
import type { WorkerStep } from "./schedule.ts";
import type { World } from "./world.ts";

/**
 * Does steps of the worker. One that dies is not asked again: the next step finds what it left. `look` is called after
 * those that write what must never change.
 */
export async function doWork(world: World, steps: readonly WorkerStep[], look: () => Promise<void>): Promise<void> {
  for (const step of steps) {
    const work = works[step];
    const done = await world.process.step((container) => work(world, container));
    world.trace.say(done.died === null ? `worker: ${step}: ${done.answer}` : `worker: ${step}: ${done.died.message}`);
    // Nothing else closes a period or writes a statement but what Stripe tells of a subscription's start.
    if (step === "close" || step === "webhooks") await look();
  }
}

/** Processes that have taken the lead of reporting; a new one first puts back what a dead one was sending. */
const leaders = new WeakSet<Container>();

/** What each step calls; answers what it did, in words. */
const works: Record<WorkerStep, (world: World, container: Container) => Promise<string>> = {
  async webhooks(_world, { stripe }) {
    return `${(await stripe.inbox?.work.drain()) ?? 0} worked`;
  },
  async sync(_world, { stripe }) {
    return `${(await stripe.sync?.work.drain()) ?? 0} worked`;
  },
  async plan(_world, { reporting }) {
    const { planned, refused, paused } = await reporting.planner.planDue();
    return paused ? "paused" : `${planned} reports${refused === 0 ? "" : `, ${refused} refused`}`;
  },
  async send(_world, container) {
    const { clock, reporting } = container;
    const { sending } = reporting;
    if (sending === null) throw new Error("Stripe is configured");
    if (!leaders.has(container)) {
      await sending.queue.recover(clock.now());
      leaders.add(container);
    }
    return `${await sending.sender.drain()} settled`;
  },
  async settle(_world, { reporting }) {
    return `${(await reporting.sending?.settler.run()) ?? 0} found out`;
  },
  async close(_world, { closing }) {
    let failure: unknown = null;
    const frozen = await closing.freezer.freezeDue({
      until: Number.POSITIVE_INFINITY,
      onFailure: (_customerId, error) => {
        failure = error;
      },
    });
    if (failure !== null) throw failure;
    return `${frozen} periods, ${(await closing.periodEnds?.work.drain()) ?? 0} steps at their ends`;
  },
  async reconcile(_world, { closing }) {
    await closing.reconciliation.startScheduled();
    return `${await closing.reconciliation.work.drain()} runs`;
  },
};
