import type { LimitTally } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import { type Database, Together } from "../../platform/database/index.ts";
import type { Hearing } from "../../platform/live/index.ts";
import { type AskedValue, type LimitPorts, readTallies } from "./limit-facts.ts";
import { tallySourceOf } from "./limits-of-profile.ts";
import { RecentTallies } from "./recent-tallies.ts";
import type { TallyRequest } from "./tally-request.ts";

/** What one question needs to be answered. */
type Wanted = { requests: readonly TallyRequest[]; asked: readonly AskedValue[] };

/** What shared tallies stand on. */
export type SharedTalliesParts = { database: Database; clock: Clock; ports: LimitPorts; nudges: Hearing };

/** Questions that share a statement at most. */
const maxTogether = 200;

/**
 * Tallies for those who only ask. Questions that come while others are being read share one statement, over connections
 * that no request waits for: so a burst of them costs one round trip, and opens no connections. What nothing has changed
 * since it was read is not read again. What is measured or rated anew for each question (levels, bills) is read alone.
 */
export class SharedTallies {
  readonly #on: SharedTalliesParts;
  readonly #recent: RecentTallies;
  readonly #together: Together<Wanted, Map<string, LimitTally>>;

  constructor(on: SharedTalliesParts) {
    this.#on = on;
    this.#recent = new RecentTallies(on.nudges);
    this.#together = new Together((wanted) => this.#readTogether(wanted), { max: maxTogether });
  }

  /** The tallies asked for, and those of others, by `tallyKey`. */
  async read(wanted: Wanted): Promise<Map<string, LimitTally>> {
    const remembered = this.#recent.find(wanted.requests);
    if (remembered !== null) return remembered;
    const sources = wanted.requests.map(({ limit, meter }) => tallySourceOf(limit, meter?.definition ?? null));
    if (sources.every((source) => source !== "BILL" && source !== "LEVELS")) return this.#together.ask(wanted);
    const { database, clock, ports } = this.#on;
    return readTallies(wanted.requests, { sql: database, ports, now: clock.now(), asked: wanted.asked });
  }

  async #readTogether(wanted: readonly Wanted[]): Promise<Map<string, LimitTally>[]> {
    const { database, clock, ports } = this.#on;
    const requests = wanted.flatMap((one) => one.requests);
    const asked = wanted.flatMap((one) => one.asked);
    const reading = { sql: database.aside, ports, now: clock.now(), asked };
    const tallies = await this.#recent.read(requests, () => readTallies(requests, reading));
    return wanted.map(() => tallies);
  }
}
