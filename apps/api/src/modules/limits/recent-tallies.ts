import { type LimitTally, ZERO } from "@meterline/billing-domain";
import { boundedCache } from "../../platform/bounded-cache.ts";
import { ChangedMeanwhile } from "../../platform/changed-meanwhile.ts";
import type { Hearing } from "../../platform/live/index.ts";
import { tallyKey, type TallyRequest } from "./tally-request.ts";

/** For what is changed by who tells nobody of it, such as SQL by hand. */
const rememberedMs = 1_000;
const mostCustomers = 10_000;

/**
 * Tallies as they were last read, for who asks again before anything of the customer has changed. Whoever changes one
 * nudges after its commit: in this process before its caller is answered, and the others about a tenth of a second later.
 * While this process does not hear the others it remembers nothing. What is held is never remembered, because it expires
 * by itself, nor what depends on the value that is asked about.
 */
export class RecentTallies {
  readonly #nudges: Hearing;
  readonly #byCustomer = boundedCache<string, Map<string, LimitTally>>(mostCustomers, rememberedMs);
  readonly #meanwhile = new ChangedMeanwhile();

  constructor(nudges: Hearing) {
    this.#nudges = nudges;
    nudges.listen((customerIds) => this.#forget(customerIds));
  }

  /** All that are asked for, by `tallyKey`, or null where one has to be read. */
  find(requests: readonly TallyRequest[]): Map<string, LimitTally> | null {
    if (!this.#nudges.isHearing) return null;
    const found = new Map<string, LimitTally>();
    for (const request of requests) {
      const key = tallyKey(request);
      const tally = this.#byCustomer.get(request.profile.customerId)?.get(key);
      if (tally === undefined) return null;
      found.set(key, tally);
    }
    return found;
  }

  /** Reads, and remembers what may be remembered: nothing of a customer of whom a nudge came meanwhile. */
  read(
    requests: readonly TallyRequest[],
    read: () => Promise<Map<string, LimitTally>>,
  ): Promise<Map<string, LimitTally>> {
    return this.#meanwhile.whileReading(read, (tallies, isCurrent) => {
      for (const request of requests) {
        const tally = tallies.get(tallyKey(request));
        const { customerId } = request.profile;
        // What was remembered before is older than what was just read, whether that may be remembered or not.
        this.#byCustomer.get(customerId)?.delete(tallyKey(request));
        if (tally !== undefined && lasts(request, tally) && isCurrent(customerId)) this.#remember(request, tally);
      }
    });
  }

  #remember(request: TallyRequest, tally: LimitTally): void {
    const { customerId } = request.profile;
    const known = this.#byCustomer.get(customerId);
    // Added to what is there without making it younger.
    if (known === undefined) this.#byCustomer.set(customerId, new Map([[tallyKey(request), tally]]));
    else known.set(tallyKey(request), tally);
  }

  #forget(customerIds: readonly string[] | "ALL"): void {
    if (customerIds === "ALL") this.#byCustomer.clear();
    else for (const customerId of customerIds) this.#byCustomer.delete(customerId);
    this.#meanwhile.note(customerIds);
  }
}

/** Whether a tally stays as it is until something is written. */
function lasts({ meter }: TallyRequest, tally: LimitTally): boolean {
  return tally.kind === "UNITS" && tally.held.eq(ZERO) && meter?.definition.aggregation !== "UNIQUE_COUNT";
}
