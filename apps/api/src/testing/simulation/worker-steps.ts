import type { Container } from "../../container.ts";
import type { WorkerStep } from "./schedule.ts";
import type { World } from "./world.ts";

/**
 * Does steps of the worker. One that dies is not asked again: the next step finds what it left. `look` is called after
 * each, because what must always hold must hold between any two.
 */
export async function doWork(world: World, steps: readonly WorkerStep[], look: () => Promise<void>): Promise<void> {
  for (const step of steps) {
    const work = works[step];
    if (work === undefined) continue;
    const done = await world.process.step((container) => work(world, container));
    world.trace.say(done.died === null ? `worker: ${step}: ${done.answer}` : `worker: ${step}: ${done.died.message}`);
    await look();
  }
}

/** What each step calls; answers what it did, in words. */
const works: Partial<Record<WorkerStep, (world: World, container: Container) => Promise<string>>> = {
  async close(_world, { closing }) {
    let failure: unknown = null;
    const frozen = await closing.freezer.freezeDue({
      until: Number.POSITIVE_INFINITY,
      onFailure: (_customerId, error) => {
        failure = error;
      },
    });
    if (failure !== null) throw failure;
    return `${frozen} periods`;
  },
};
