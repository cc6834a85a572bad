import type { RoutedReport } from "./report-transport.ts";

/** Reports of one customer, meter and channel that are in memory, in order. */
type Lane = { key: string; reports: RoutedReport[]; isBusy: boolean; isStream: boolean };

/**
 * What the sender holds in memory, a lane for each customer and meter: Stripe takes one call at a time of each
 * (docs.stripe.com/rate-limits). How much there is in all is bounded by who puts it in.
 */
export class ReportLanes {
  readonly #lanes = new Map<string, Lane>();
  /** Lanes with something to send and no call under way, in the order in which they became so. */
  readonly #ready = { single: [] as Lane[], stream: [] as Lane[] };

  add(routed: RoutedReport): void {
    const { report } = routed;
    const isStream = report.transport === "STREAM" && report.kind !== "CANCEL";
    // A cancellation is a call of its own, also where everything else goes by the stream.
    const key = `${report.customerId} ${report.meterId} ${report.channel} ${isStream ? "s" : ""}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, reports: [], isBusy: false, isStream };
      this.#lanes.set(key, lane);
    }
    lane.reports.push(routed);
    if (!lane.isBusy && lane.reports.length === 1) this.#queueOf(lane).push(lane);
  }

  get hasSingle(): boolean {
    return this.#ready.single.length > 0;
  }

  get hasStream(): boolean {
    return this.#ready.stream.length > 0;
  }

  /** The next report to be told by a call of its own, and what to call when that has ended. */
  takeSingle(): { routed: RoutedReport; done: () => void } | null {
    const lane = this.#ready.single.shift();
    const routed = lane?.reports.shift();
    if (lane === undefined || routed === undefined) return null;
    lane.isBusy = true;
    return { routed, done: () => this.#free(lane) };
  }

  /** Up to `limit` reports for one stream call; all of a lane's that fit, in order. */
  takeStream(limit: number): { batch: RoutedReport[]; done: () => void } | null {
    const batch: RoutedReport[] = [];
    const lanes: Lane[] = [];
    while (batch.length < limit) {
      const lane = this.#ready.stream.shift();
      if (lane === undefined) break;
      lane.isBusy = true;
      lanes.push(lane);
      batch.push(...lane.reports.splice(0, limit - batch.length));
    }
    if (batch.length === 0) return null;
    return { batch, done: () => lanes.forEach((lane) => this.#free(lane)) };
  }

  /** Takes out everything that is not under way. */
  clear(): RoutedReport[] {
    const left: RoutedReport[] = [];
    for (const lane of this.#lanes.values()) left.push(...lane.reports.splice(0));
    for (const [key, lane] of this.#lanes) if (!lane.isBusy) this.#lanes.delete(key);
    this.#ready.single.length = 0;
    this.#ready.stream.length = 0;
    return left;
  }

  #free(lane: Lane): void {
    lane.isBusy = false;
    if (lane.reports.length > 0) this.#queueOf(lane).push(lane);
    else this.#forget(lane);
  }

  #forget(lane: Lane): void {
    this.#lanes.delete(lane.key);
  }

  #queueOf(lane: Lane): Lane[] {
    return lane.isStream ? this.#ready.stream : this.#ready.single;
  }
}
