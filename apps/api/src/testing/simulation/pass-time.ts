import type { World } from "./world.ts";

/** A test clock moves at most two intervals of its shortest subscription at a time; every plan here has weeks, or more. */
const longestAdvanceS = 7 * 86_400;
const longestAdvances = 100;

/** Lets time pass everywhere, and Stripe do what falls due: count, bill, send webhooks. */
export async function passTime(world: World, ms: number): Promise<void> {
  const { time, stripe, customers } = world;
  time.advance(ms);
  const nowS = Math.floor(time.stripes.now() / 1_000);
  for (const { testClock } of customers) {
    if (testClock !== null) await advance(world, testClock, nowS);
  }
  await stripe.sandbox.process();
}

async function advance({ stripe }: World, clock: string, untilS: number): Promise<void> {
  const { testClocks } = stripe.staff.stripe.testHelpers;
  for (let count = 0; count < longestAdvances; count += 1) {
    const { frozen_time: nowS } = await testClocks.retrieve(clock);
    if (nowS >= untilS) return;
    await testClocks.advance(clock, { frozen_time: Math.min(untilS, nowS + longestAdvanceS) });
    await stripe.sandbox.process();
  }
}
