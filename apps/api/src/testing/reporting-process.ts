import { readConfig } from "../config.ts";
import { createContainer } from "../container.ts";
import { FrozenClock } from "../platform/clock.ts";

/** A process that leads the reporting to Stripe until it is killed; for the test that kills it. Its clock stands still. */
const clock = new FrozenClock(Number(process.argv[2]));
const container = await createContainer(readConfig(), "a secret of the tests, 32 characters long", { clock });
container.reporting.start();
